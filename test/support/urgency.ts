/**
 * Words by which impostors make people hurry, per language. No text of ours has any of them.
 */
export const URGENCY: Readonly<Record<string, RegExp>> = {
  en: /\b(urgent\w*|immediate\w*|hurry|quick\w*|asap|at once|right now|act now|last chance|warning|danger\w*|before it is too late|deadline)\b/i,
}
