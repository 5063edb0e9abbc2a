import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../src/app.css', import.meta.url), 'utf8');
type Colour = readonly [number, number, number];
type Theme = Record<string, string>;

function theme(selector: RegExp): Theme {
  const [, block = ''] = selector.exec(css) ?? [];
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name!, value!]));
}

const themes = {
  light: theme(/\[data-theme='light'\] \{([^}]+)\}/),
  dark: theme(/\n\[data-theme='dark'\] \{([^}]+)\}/),
  contrast: theme(/\n\[data-theme='contrast'\] \{([^}]+)\}/),
  system: theme(/\[data-theme='system'\] \{([^}]+)\}/),
};

function colour(values: Theme, name: string): Colour {
  const hex = values[name] ?? '';
  expect(hex).toMatch(/^#[0-9a-f]{6}$/);
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
}

function tint(values: Theme, name: string): Colour {
  const share = parseFloat(values['tint']!) / 100;
  const [over, under] = [colour(values, name), colour(values, 'surface')];
  return over.map((part, index) => part * share + under[index]! * (1 - share)) as unknown as Colour;
}

/** WCAG 2.2, relative luminance. */
function luminance(parts: Colour): number {
  const [r, g, b] = parts.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Colour, other: Colour): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe.each(['light', 'dark', 'contrast'] as const)('theme %s', (name) => {
  const values = themes[name];
  const text = ['ink', 'muted', 'brand', 'good', 'warn', 'bad'];

  it.each(text.flatMap((ink) => ['bg', 'surface'].map((ground) => [ink, ground])))('%s on %s ≥ 4.5', (ink, ground) => {
    expect(contrast(colour(values, ink!), colour(values, ground!))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['brand', 'good', 'warn', 'bad'])('%s and ink on the tint of %s ≥ 4.5', (tone) => {
    expect(contrast(colour(values, tone), tint(values, tone))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(values, 'ink'), tint(values, tone))).toBeGreaterThanOrEqual(4.5);
  });

  it('words on the accent, on a message and on a disabled button ≥ 4.5', () => {
    expect(contrast(colour(values, 'on-brand'), colour(values, 'brand'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(values, 'bg'), colour(values, 'ink'))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['muted', 'brand', 'bad'])('border of a control in %s ≥ 3', (edge) => {
    for (const ground of ['bg', 'surface'])
      expect(contrast(colour(values, edge), colour(values, ground))).toBeGreaterThanOrEqual(3);
  });
});

it('the dark theme of the device is the dark theme', () => {
  expect(themes.system).toEqual(themes.dark);
});

const sources = readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.svelte'),
);

it.each(sources)('%s names no colour and no size', (file) => {
  const source = readFileSync(join(import.meta.dirname, '../src', file), 'utf8');
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(source) ?? [];
  const own = style.replace(/@media \([^)]*\)/g, '');
  expect(own.match(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(|\b\d+(?:px|rem)\b/gi)).toBeNull();
});
