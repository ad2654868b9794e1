/**
 * Words by which impostors make people hurry, per language. No text of ours has any of them.
 */
export const URGENCY: Readonly<Record<string, RegExp>> = {
  en: /\b(urgent\w*|immediate\w*|hurry|quick\w*|asap|at once|right now|act now|last chance|warning|danger\w*|before it is too late|deadline)\b/i,
  de: /\b(dringend\w*|sofort\w*|eil\w*|schnell\w*|umgehend\w*|unverzüglich\w*|gleich jetzt|letzte Chance|Warnung|Gefahr\w*|Frist\w*)\b/i,
  es: /\b(urgente\w*|inmediat\w*|de inmediato|rápid\w*|cuanto antes|enseguida|ahora mismo|última oportunidad|advertencia|peligro\w*|apresúr\w*)/i,
  fr: /\b(urgent\w*|urgence|immédiat\w*|rapide\w*|vite|dépêch\w*|au plus vite|tout de suite|dernière chance|avertissement|danger\w*)/i,
  it: /\b(urgent\w*|urgenza|immediat\w*|subito|rapid\w*|veloc\w*|presto|affrett\w*|ultima occasione|avvertenza|pericol\w*)\b/i,
  'pt-BR':
    /\b(urgente\w*|urgência|imediat\w*|rápid\w*|depressa|já agora|agora mesmo|quanto antes|última chance|perigo\w*|atenção:)/i,
  tr: /(acil|hemen|derhal|çabuk|hızl|acele|son şans|tehlike|uyarı)/i,
  ar: /(عاجل|فورا|فوري|بسرعة|سريع|أسرع|استعجل|آخر فرصة|تحذير|الآن أو)/,
}
