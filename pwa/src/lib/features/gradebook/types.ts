import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { SheetQuery } from '#lib/graphql/documents/gradebook_sheet.ts';

export type SheetData = ResultOf<typeof SheetQuery>;
export type Column = SheetData['scoreColumns'][number];
export type SheetLine = SheetData['sheetRows'][number];
