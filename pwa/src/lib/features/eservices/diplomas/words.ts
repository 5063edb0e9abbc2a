/** Words of the register of diplomas. */
import { m } from '#lib/i18n/generated/messages.js';

export const DIPLOMA_KINDS = {
  LOWER_SECONDARY: m.desk_diploma_LOWER_SECONDARY,
  UPPER_SECONDARY: m.desk_diploma_UPPER_SECONDARY,
  COMPLETION: m.desk_diploma_COMPLETION,
};

const FIELDS: Record<string, () => string> = {
  fullName: m.desk_diploma_name,
  full_name: m.desk_diploma_name,
  birthDate: m.desk_diploma_born,
  birth_date: m.desk_diploma_born,
  birthplace: m.desk_diploma_birthplace,
  ethnicity: m.desk_diploma_ethnicity,
  sex: m.desk_diploma_sex,
};
export const fieldWords = (field: string): string => FIELDS[field]?.() ?? field;
