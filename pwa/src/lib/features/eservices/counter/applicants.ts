/** Who stands at the counter: those the school knows for a pupil. */
interface Line {
  contacts: readonly { name: string; phone: string | null }[];
  guardians: readonly { fullName: string }[];
}

export interface Known {
  name: string;
  phone: string;
}

/** The contacts the school keeps, each once, those with a number first. */
export function knownOf({ contacts, guardians }: Line): Known[] {
  const all = [
    ...contacts.map(({ name, phone }) => ({ name, phone: phone ?? '' })),
    ...guardians.map(({ fullName }) => ({ name: fullName, phone: '' })),
  ];
  const once = all.filter(({ name }, at) => all.findIndex((one) => one.name === name) === at);
  return once.sort((one, other) => Number(other.phone !== '') - Number(one.phone !== ''));
}

/** Whether a number could be a Vietnamese mobile number; the server decides. */
export function looksLikePhone(text: string): boolean {
  return /^(\+84|84|0)\d{9}$/.test(text.replace(/[\s.\-()]/g, ''));
}
