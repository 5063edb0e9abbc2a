/** Where the keyboard is in the grid, and what is being typed there. */
import type { Sheet } from './sheet.svelte.ts';
import { readPaste } from './cells.ts';
import { inCell } from './sheet_words.ts';
import type { Column, SheetLine } from './types.ts';

export interface GridPlace {
  row: number;
  column: number;
}

export interface GridSources {
  marks: () => Sheet;
  columns: () => readonly Column[];
  lines: () => readonly SheetLine[];
  open: (column: Column) => boolean;
  inspect: (column: Column, line: SheetLine) => void;
}

const MOVES: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export class GridKeys {
  at = $state<GridPlace>({ row: 0, column: 0 });
  /** The text while a cell is being edited. */
  draft = $state<string>();
  readonly #from: GridSources;
  readonly #focus: () => void;

  constructor(from: GridSources, focus: () => void) {
    this.#from = from;
    this.#focus = focus;
  }

  get column(): Column | undefined {
    return this.#from.columns()[this.at.column];
  }
  get line(): SheetLine | undefined {
    return this.#from.lines()[this.at.row];
  }
  get writable(): boolean {
    return this.column !== undefined && this.#from.open(this.column);
  }

  edit(text?: string): void {
    if (!this.writable || !this.column || !this.line) return;
    this.draft = text ?? inCell(this.#from.marks().cell(this.column.id, this.line.student.id));
  }

  commit(): void {
    const text = this.draft;
    this.draft = undefined;
    if (text === undefined || !this.column || !this.line) return;
    const cell = this.#from.marks().cell(this.column.id, this.line.student.id);
    if (text.trim() !== inCell(cell)) this.#from.marks().type(this.column.id, this.line.student.id, text);
  }

  /** @returns whether there was a place to go to. */
  move(rows: number, columns: number): boolean {
    const to = { row: this.at.row + rows, column: this.at.column + columns };
    const inside =
      to.row >= 0 && to.row < this.#from.lines().length && to.column >= 0 && to.column < this.#from.columns().length;
    if (inside) this.at = to;
    this.#focus();
    return inside;
  }

  go(place: GridPlace): void {
    this.commit();
    this.at = place;
  }

  /** @returns whether the key was used up. */
  press(event: KeyboardEvent): boolean {
    return this.draft === undefined ? this.#pressMoving(event) : this.#pressEditing(event);
  }

  #pressEditing(event: KeyboardEvent): boolean {
    if (event.key === 'Escape') {
      this.draft = undefined;
      this.#focus();
      return true;
    }
    if (event.key === 'Enter') {
      this.commit();
      this.move(event.shiftKey ? -1 : 1, 0);
      return true;
    }
    if (event.key === 'Tab') {
      this.commit();
      return this.move(0, event.shiftKey ? -1 : 1);
    }
    const step = MOVES[event.key];
    if (!step || step[0] === 0) return false;
    this.commit();
    this.move(...step);
    return true;
  }

  #pressMoving(event: KeyboardEvent): boolean {
    const { key } = event;
    if (event.altKey && key === 'ArrowDown') return this.#openReasons();
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'z') {
      this.#from.marks().undo();
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return this.#jump(event);
    const step = MOVES[key];
    if (step) {
      this.move(...step);
      return true;
    }
    if (key === 'Tab') return this.move(0, event.shiftKey ? -1 : 1);
    return this.#pressCell(event);
  }

  /** Keys that change the cell. */
  #pressCell(event: KeyboardEvent): boolean {
    const { key } = event;
    if (key === 'Enter' || key === 'F2') this.edit();
    else if (key === 'Delete' || key === 'Backspace') this.#clear();
    else if (key.length === 1 && key !== ' ') this.edit(key);
    else return this.#jump(event);
    return true;
  }

  #jump({ key, ctrlKey }: KeyboardEvent): boolean {
    const rows = this.#from.lines().length - 1;
    const columns = this.#from.columns().length - 1;
    if (key === 'Home') this.at = { row: ctrlKey ? 0 : this.at.row, column: 0 };
    else if (key === 'End') this.at = { row: ctrlKey ? rows : this.at.row, column: columns };
    else return false;
    this.#focus();
    return true;
  }

  #openReasons(): boolean {
    if (this.writable && this.column && this.line) this.#from.inspect(this.column, this.line);
    return true;
  }

  #clear(): void {
    if (this.writable && this.column?.publishedAt === null && this.line)
      this.#from.marks().type(this.column.id, this.line.student.id, '');
  }

  /** A block from Excel lands with its first cell here; what is no mark is refused in its own cell. */
  paste(text: string): number {
    const entries = readPaste(text).flatMap((texts, down) =>
      texts.flatMap((typed, right) => {
        const column = this.#from.columns()[this.at.column + right];
        const line = this.#from.lines()[this.at.row + down];
        return column && line && this.#from.open(column)
          ? [{ column: column.id, student: line.student.id, text: typed }]
          : [];
      }),
    );
    if (entries.length > 0) this.#from.marks().typeAll(entries);
    return entries.length;
  }
}
