/** Geometry of the line of marks: pure, in the units of the view box. */

export interface ChartPoint {
  /** Under the point and in the table: "Giữa kì". */
  label: string;
  /** null: no mark; the line is broken there. */
  value: number | null;
  /** How the value is written: "8,5". */
  text: string;
  /** Mid-term and end-of-term marks. */
  large?: boolean;
}

export interface Placed extends ChartPoint {
  x: number;
  y: number;
}

export interface Area {
  width: number;
  height: number;
  margin: number;
}

/** Spreads the points evenly and puts `low` at the bottom and `high` at the top. */
export function place(points: readonly ChartPoint[], low: number, high: number, area: Area): Placed[] {
  const inner = { width: area.width - 2 * area.margin, height: area.height - 2 * area.margin };
  const step = points.length > 1 ? inner.width / (points.length - 1) : 0;
  const first = points.length > 1 ? area.margin : area.width / 2;
  return points.map((point, index) => ({
    ...point,
    x: first + index * step,
    y: area.margin + inner.height * (1 - ((point.value ?? low) - low) / (high - low)),
  }));
}

/** The `d` of the path through the points; a missing mark breaks it. */
export function path(placed: readonly Placed[]): string {
  let pen = false;
  return placed
    .map((point) => {
      const command = point.value === null ? '' : `${pen ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
      pen = point.value !== null;
      return command;
    })
    .join('');
}
