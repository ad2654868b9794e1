import type { Words } from './words.ts'

export const de: Words = {
  language: 'de',
  name: 'Deutsch',
  dir: 'ltr',
  chooseLanguage: 'Sprache',
  loading: 'Es wird nachgesehen, ob dieses Gerät Ihren Schlüssel hat …',
  ask: {
    title: 'Diese Wiederherstellung stoppen?',
    what: 'Jemand hat nach dem Schlüssel Ihres Kontos gefragt. Wenn Sie das sind, lassen Sie alles, wie es ist.',
    after:
      'Wenn Sie es stoppen, wird durch diese Anfrage nichts freigegeben. Ihr Schlüssel und Ihre Kontakte bleiben, wie sie sind.',
    until: 'Wenn niemand es stoppt, kann der Schlüssel am {until} freigegeben werden, nicht vorher.',
    byDevice: 'Dieses Gerät hat Ihren Schlüssel und kann für Sie unterschreiben.',
    stop: 'Stoppen',
    leave: 'So lassen, wie es ist',
  },
  key: {
    text: 'Dieser Browser hat keinen Schlüssel Ihres Kontos. Sie können die Wiederherstellung mit dem Vetoschlüssel stoppen, den Sie gedruckt haben.',
    label: 'Vetoschlüssel',
    hint: '43 Buchstaben, Ziffern, - und _. Leerzeichen dazwischen schaden nicht.',
    wrong:
      'Das ist kein ganzer Vetoschlüssel. Er hat 43 Zeichen: Bitte vergleichen Sie ihn mit Ihrem Ausdruck.',
    stays: 'Der Schlüssel bleibt auf dieser Seite. Nur ein unterschriebener Einspruch verlässt sie.',
    without: 'Ich habe hier keinen Vetoschlüssel',
    elsewhere:
      'Öffnen Sie die App auf einem Telefon oder Computer, auf dem Sie angemeldet sind. Dort liegt Ihr Schlüssel, und dort können Sie die Wiederherstellung stoppen.',
  },
  sending: 'Hier wird unterschrieben und der Einspruch gesendet …',
  results: {
    stopped: [
      'Die Wiederherstellung ist gestoppt',
      'Nichts wurde freigegeben. Ihre Kontakte werden benachrichtigt.',
      'Wer gefragt hat, muss warten, bevor er wieder fragen kann. Wenn Sie glauben, dass jemand Ihr Passwort kennt oder Ihre SIM-Karte hat, ändern Sie beides.',
    ],
    contested: [
      'Ihr Einspruch zählt',
      'Vorerst wird nichts freigegeben. Ihr Kreis folgt der Regel für gestohlene Telefone: Ihre Kontakte werden gefragt, ob Ihr Telefon gestohlen wurde.',
      'Wenn nicht genug von ihnen das sagen, endet die Wiederherstellung. Ein gedruckter Vetoschlüssel stoppt sie endgültig.',
    ],
    goesOn: [
      'Ihr Einspruch ist da, und die Wiederherstellung geht weiter',
      'Genug Ihrer Kontakte haben angegeben, dass Ihr Telefon gestohlen wurde. Die Wartezeit ist länger geworden.',
      'Der gedruckte Vetoschlüssel kann sie noch stoppen.',
    ],
    overruled: [
      'Jetzt kann nur noch der Vetoschlüssel stoppen',
      'Genug Ihrer Kontakte haben angegeben, dass Ihr Telefon gestohlen wurde. Deshalb genügt der Schlüssel dieses Geräts allein nicht mehr.',
    ],
    late: [
      'Der Schlüssel wurde bereits freigegeben',
      'Die Wartezeit war vorbei, und das Gerät, das gefragt hat, hat den Schlüssel abgeholt. Diese Seite kann es nicht mehr stoppen.',
      'Wenn Sie das nicht waren: Sagen Sie es Ihren Kontakten mit Ihrer Stimme, und sagen Sie es den Betreibern Ihrer App, über deren eigene Einstellungen.',
    ],
    ended: [
      'Diese Wiederherstellung ist schon beendet',
      'Es gibt nichts mehr zu stoppen. Wenn Ihr Konto auf einem Gerät wiederhergestellt wurde, das nicht Ihres ist, sagen Sie es Ihren Kontakten mit Ihrer Stimme, und den Betreibern Ihrer App.',
    ],
    notYours: [
      'Dieser Schlüssel gehört nicht zu dieser Wiederherstellung',
      'Nichts wurde geändert. Vielleicht gehört er zu einem anderen Konto oder zu einem Kreis, den Sie inzwischen ersetzt haben.',
    ],
    left: [
      'Nichts wurde geändert',
      'Die Wiederherstellung geht weiter. Sie können auf diese Seite zurückkommen, bis der Schlüssel freigegeben ist.',
    ],
    broken: [
      'Dieser Link ist nicht vollständig',
      'Bitte öffnen Sie ihn noch einmal aus der Mail, oder kopieren Sie ihn ganz.',
    ],
    failed: [
      'Der Dienst war nicht zu erreichen',
      'Ihr Einspruch ist vielleicht nicht angekommen. Ein weiterer Versuch schadet nicht: Er zählt einmal.',
    ],
  },
  contestedUntil: 'Bis {until} können sie das sagen.',
  byKey: 'Mit dem Vetoschlüssel stoppen',
  again: 'Noch einmal versuchen',
  open: '{app} öffnen',
  never:
    'Niemand wird Sie je bitten, einen Schlüssel, einen Anteil, ein Passwort oder einen Code zu schicken. Auch diese Seite nicht.',
}
