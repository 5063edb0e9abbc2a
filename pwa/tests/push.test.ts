import { expect, it } from 'vitest';

import { ownPath, parsePush } from '../src/lib/push/message.ts';
import { deviceLabel } from '../src/lib/push/subscription.ts';

const origin = 'https://truong.example';

it('reads Declarative Web Push', () => {
  const notification = { title: 'Lan (7A)', body: 'Có điểm mới', navigate: `${origin}/n/1`, tag: 'marks', lang: 'vi' };
  expect(parsePush(JSON.stringify({ web_push: 8030, notification }), origin)).toEqual({
    ...notification,
    navigate: '/n/1',
    actions: [],
    alert: undefined,
  });
});

it('reads the answers that a notification offers', () => {
  const sick = { action: 'SICK', title: 'Con ốm', navigate: `${origin}/absences/7?answer=SICK` };
  const foreign = { action: 'x', title: 'y', navigate: 'https://elsewhere.example/' };
  const offered = { title: 'Lan (7A)', actions: [sick, foreign, { title: 'nothing to do' }], data: { alert: '7' } };
  expect(parsePush(JSON.stringify({ web_push: 8030, notification: offered }), origin)).toMatchObject({
    actions: [
      { ...sick, navigate: '/absences/7?answer=SICK' },
      { ...foreign, navigate: '/' },
    ],
    alert: '7',
  });
  const broken = { title: 'Lan (7A)', actions: 'all', data: null };
  expect(parsePush(JSON.stringify({ web_push: 8030, notification: broken }), origin)).toMatchObject({
    actions: [],
    alert: undefined,
  });
});

it.each(['', 'hello', '{}', '{"web_push":8030}', '{"web_push":1,"notification":{"title":"x"}}', 'null'])(
  'refuses %j',
  (text) => expect(parsePush(text, origin)).toBeUndefined(),
);

it('opens no foreign page', () => {
  expect(ownPath('https://elsewhere.example/x', origin)).toBe('/');
  expect(ownPath('//elsewhere.example/x', origin)).toBe('/');
  expect(ownPath('javascript:alert(1)', origin)).toBe('/');
  expect(ownPath('/n/1?from=push#top', origin)).toBe('/n/1?from=push#top');
});

it('names a device by browser and system', () => {
  expect(deviceLabel('Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36')).toBe(
    'Chrome · Android',
  );
  expect(deviceLabel('Mozilla/5.0 (iPhone; CPU iPhone OS 18_4) Version/18.4 Safari/605.1')).toBe('Safari · iPhone');
});
