import type { ResultOf } from '../../graphql/documents/graphql.ts';
import type { SheetQuery } from '../../graphql/documents/gradebook_sheet.ts';

export type SheetData = ResultOf<typeof SheetQuery>;
export type Column = SheetData['scoreColumns'][number];
export type SheetLine = SheetData['sheetRows'][number];
