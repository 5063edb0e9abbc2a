import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { announce, matches, onNews, parseNews } from '../src/lib/graphql/live.ts';
import { choose } from '../src/lib/session/choice.ts';
import { lastWins } from '../src/lib/session/last_wins.ts';
import { nextPath, signInPath } from '../src/lib/session/next.ts';
import { path, place } from '../src/lib/ui/chart.ts';

describe('news', () => {
  it('reads a frame of the stream', () => {
    expect(parseNews('{"data":{"news":{"kind":"marks","id":"1"}}}')).toEqual({ kind: 'marks', id: '1' });
    expect(parseNews('{"data":null}')).toBeUndefined();
    expect(parseNews('not json')).toBeUndefined();
  });

  it('reaches the queries whose tags match, until they stop', () => {
    let calls = 0;
    const stop = onNews(['marks'], () => calls++);
    announce({ kind: 'marks', id: '1' });
    announce({ kind: 'announcement', id: '2' });
    expect(calls).toBe(1);
    stop();
    announce({ kind: 'marks', id: '3' });
    expect(calls).toBe(1);
    expect(matches(['marks'], 'marks.published')).toBe(true);
    expect(matches(['mark'], 'marks')).toBe(false);
  });
});

it('keeps the choice while it is offered', () => {
  const key = (item: string): string => item;
  expect(choose(['a', 'b'], 'b', key)).toBe('b');
  expect(choose(['a', 'b'], 'gone', key)).toBe('a');
  expect(choose([], 'a', key)).toBeUndefined();
});

it('breaks the line of marks where there is none', () => {
  const area = { width: 100, height: 100, margin: 0 };
  const points = [10, null, 0, 5].map((value) => ({ label: '', text: '', value }));
  expect(path(place(points, 0, 10, area))).toBe('M0.0 0.0M66.7 100.0L100.0 50.0');
});

it('has the same messages in both languages', () => {
  const words = (language: string): string[] =>
    Object.keys(
      JSON.parse(readFileSync(new URL(`../messages/${language}.json`, import.meta.url), 'utf8')) as object,
    ).sort();
  expect(words('en')).toEqual(words('vi'));
});

it('saves what was chosen last, together with what was chosen while a call was under way', async () => {
  const calls: { change: object; answer: (text: string) => void }[] = [];
  const save = lastWins(
    (change: { theme?: string; text?: string }) =>
      new Promise<string>((answer) => {
        calls.push({ change, answer });
      }),
  );
  const first = save({ theme: 'dark' });
  expect(await save({ theme: 'contrast' })).toBeUndefined();
  expect(await save({ text: 'large' })).toBeUndefined();
  calls[0]?.answer('the old one');
  await expect.poll(() => calls.length).toBe(2);
  expect(calls[1]?.change).toEqual({ theme: 'contrast', text: 'large' });
  calls[1]?.answer('the last one');
  expect(await first).toBe('the last one');

  const next = save({ theme: 'light' });
  expect(calls[2]?.change).toEqual({ theme: 'light' });
  calls[2]?.answer('alone');
  expect(await next).toBe('alone');
});

describe('the way through the sign-in screen', () => {
  const through = (wanted: string): string => {
    const screen = new URL(signInPath(new URL(wanted, 'https://truong.example')), 'https://truong.example');
    return nextPath(screen);
  };
  it.each(['/', '/desk?group=NEW', '/desk/transfer#ABCD1234EFGH', '/services/2.002854?student=1#top'])(
    'leads back to %s',
    (wanted) => expect(through(wanted)).toBe(wanted),
  );
  it('sends what stands behind "#" to no server', () => {
    const screen = new URL(
      signInPath(new URL('https://truong.example/desk/transfer#SECRET')),
      'https://truong.example',
    );
    expect(screen.pathname + screen.search).not.toContain('SECRET');
  });
  it('never leads back to itself or elsewhere', () => {
    expect(nextPath(new URL('https://truong.example/sign-in?next=/sign-in#x'))).toBe('/');
    expect(nextPath(new URL('https://truong.example/sign-in?next=https://elsewhere.example/#x'))).toBe('/');
  });
});
