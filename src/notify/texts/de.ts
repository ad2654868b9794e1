import type { Texts } from './texts.ts'

const UNTIL = 'Ihr Schlüssel kann am {until} freigegeben werden, nicht vorher.'
const CHANGE = 'Sie wird nach {cool} wirksam, oder früher, wenn genug Kontakte zustimmen.'
const END = 'Das wird nach {cool} wirksam.'

export const de: Texts = {
  language: 'de',
  dir: 'ltr',
  owner: {
    'invitation-answered': [
      'Jemand hat Ihre Einladung angenommen',
      'In {app} wählen Sie, wem Sie einen Teil anvertrauen.',
    ],
    'share-accepted': [
      'Ein Vertrauenskontakt hat seinen Teil angenommen',
      '{app} zeigt, wer es war und wer noch antworten muss.',
    ],
    'share-declined': [
      'Ein Vertrauenskontakt hat seinen Teil abgelehnt',
      'In {app} können Sie jemand anderen wählen.',
    ],
    'change-proposed': [
      'Eine Änderung Ihrer Vertrauenskontakte hat begonnen',
      CHANGE,
      'Bis dahin lässt sie sich zurückziehen.',
    ],
    'deletion-proposed': [
      'Ihr Kreis von Vertrauenskontakten soll enden',
      END,
      'Bis dahin lässt es sich zurückziehen.',
    ],
    'change-cancelled': [
      'Eine Änderung Ihres Kreises wurde zurückgezogen',
      'Ihre Vertrauenskontakte bleiben, wie sie waren.',
    ],
    'change-delayed': [
      'Eine Änderung Ihres Kreises dauert etwas länger',
      'Inzwischen hat jemand nach Ihrem Schlüssel gefragt. Die Änderung wartet ab, was daraus wird.',
    ],
    'epoch-activated': [
      'Ihre Vertrauenskontakte stehen fest',
      'Von jetzt an können sie Ihnen helfen, Ihren Schlüssel zurückzubekommen.',
    ],
    'circle-deleted': [
      'Ihr Kreis von Vertrauenskontakten besteht nicht mehr',
      'Niemand kann Ihnen zu Ihrem Schlüssel verhelfen, bis Sie wieder Kontakte wählen.',
    ],
    'device-registered': ['Ein Gerät wurde zu Ihrem Konto hinzugefügt'],
    'device-revoked': ['Ein Gerät wurde aus Ihrem Konto entfernt'],
    'destinations-changed': [
      'Es wurde geändert, wo Sie benachrichtigt werden',
      'Diese Nachricht ging an alle Stellen, die vorher oder nachher bekannt waren.',
    ],
    'recovery-opened': [
      'Jemand möchte Ihr Konto wiederherstellen',
      'Ein neues Gerät hat nach Ihrem Schlüssel gefragt. Ihre Vertrauenskontakte wissen es auch.',
      'Nichts wird freigegeben, bevor genug von ihnen zugestimmt haben und danach {wait} vergangen sind.',
    ],
    'session-differed': [
      'In Ihrem Namen wurde ein falscher Code genannt',
      'Wer nach Ihrem Schlüssel gefragt hat, konnte einem Vertrauenskontakt nicht den richtigen Code nennen. Es kann ein Versehen sein, oder ein Betrüger.',
    ],
    'recovery-answered': [
      'Ein Vertrauenskontakt hat auf die Anfrage nach Ihrem Schlüssel geantwortet',
      '{app} zeigt, was er gesagt hat.',
    ],
    'recovery-alarmed': [
      'Ein Vertrauenskontakt hat Alarm geschlagen',
      'Er sagt, dass die Anfrage nach Ihrem Schlüssel nicht von Ihnen kommt.',
      'Ein Alarm verlängert die Wartezeit, und zwar einmal.',
    ],
    'recovery-quorum': [
      'Genug Ihrer Vertrauenskontakte haben zugestimmt',
      'Die Wartezeit hat begonnen.',
      UNTIL,
    ],
    'recovery-below-quorum': [
      'Es stimmen nicht mehr genug Ihrer Kontakte zu',
      'Die Wartezeit ist angehalten. Die Anfrage sammelt weiter Antworten.',
    ],
    'recovery-half-time': ['Die Hälfte der Wartezeit ist vorbei', UNTIL],
    'recovery-day-left': ['Ein Tag der Wartezeit bleibt', UNTIL],
    'recovery-hour-left': ['Eine Stunde der Wartezeit bleibt', UNTIL],
    'recovery-releasable': [
      'Die Wartezeit ist vorbei',
      'Das Gerät, das gefragt hat, kann Ihren Schlüssel abholen. Solange es das nicht getan hat, lässt es sich noch stoppen.',
    ],
    'recovery-contested': [
      'Die Wiederherstellung Ihres Kontos ist umstritten',
      'Mit Ihrem Schlüssel wurde Einspruch erhoben. Ihre Kontakte werden gefragt, ob Ihr Telefon gestohlen wurde; bis das klar ist, wird nichts freigegeben.',
    ],
    'recovery-resumed': [
      'Die Wiederherstellung Ihres Kontos geht weiter',
      'Genug Kontakte haben angegeben, dass Ihr Telefon gestohlen wurde. Die Wartezeit ist länger geworden. Der gedruckte Vetoschlüssel kann sie noch stoppen.',
      UNTIL,
    ],
    'recovery-restarted': [
      'Die Wartezeit beginnt von vorn',
      'Der Dienst wurde aus einer Sicherung wiederhergestellt. Zur Sicherheit wartet alles, was im Gang war, noch einmal ganz.',
      UNTIL,
    ],
    'recovery-released': [
      'Ihr Schlüssel wurde an das Gerät freigegeben, das gefragt hat',
      'Die Wartezeit war vorbei, und niemand hatte Einspruch erhoben.',
    ],
    'recovery-completed': [
      'Ihr Konto wurde auf einem anderen Gerät wiederhergestellt',
      'Wählen Sie dort wieder Vertrauenskontakte, damit Sie geschützt bleiben.',
    ],
    'recovery-vetoed': [
      'Die Anfrage nach Ihrem Schlüssel wurde gestoppt',
      'Nichts wurde freigegeben. Wer gefragt hat, muss warten, bevor er wieder fragen kann.',
    ],
    'recovery-ended': [
      'Eine Anfrage nach Ihrem Schlüssel ist beendet',
      'Sie kann nicht mehr genutzt werden.',
    ],
    other: ['Es gibt Neues zu Ihrem Konto', '{app} zeigt, was es ist.'],
  },
  contact: {
    'share-offered': [
      'Jemand hat Sie als Vertrauenskontakt gewählt',
      '{app} zeigt, wer es ist. Sie können annehmen oder ablehnen. Was Sie aufbewahren, ist versiegelt und verrät allein nichts.',
    ],
    'change-proposed': [
      'Jemand, dessen Vertrauenskontakt Sie sind, ändert seinen Kreis',
      '{app} zeigt, wer es ist.',
      CHANGE,
      'Wenn die Person nichts davon weiß, könnte ein Dieb ihr Telefon haben.',
    ],
    'deletion-proposed': [
      'Jemand, dessen Vertrauenskontakt Sie sind, beendet seinen Kreis',
      '{app} zeigt, wer es ist.',
      END,
      'Wenn die Person nichts davon weiß, könnte ein Dieb ihr Telefon haben.',
    ],
    'change-cancelled': ['Eine Änderung eines Kreises wurde zurückgezogen', 'Er bleibt, wie er war.'],
    'change-delayed': [
      'Eine Änderung eines Kreises dauert etwas länger',
      'Eine Anfrage auf Wiederherstellung kam dazwischen.',
    ],
    'epoch-activated': [
      'Ein Kreis von Vertrauenskontakten hat sich geändert',
      '{app} zeigt, ob Sie einen Teil davon aufbewahren.',
    ],
    'circle-deleted': [
      'Ein Kreis von Vertrauenskontakten besteht nicht mehr',
      'Der Teil, den Sie aufbewahrt haben, nützt niemandem mehr.',
    ],
    'recovery-opened': [
      'Jemand bittet um Ihre Hilfe, ein Konto wiederherzustellen',
      'Ein neues Gerät hat nach dem Schlüssel einer Person gefragt, deren Vertrauenskontakt Sie sind. {app} zeigt, wer es ist.',
    ],
    'recovery-alarmed': [
      'Ein anderer Kontakt hat Alarm geschlagen',
      'Er sagt, dass eine Anfrage nicht von der Person kommt, die sie nennt. {app} zeigt, um wessen Schlüssel es geht.',
    ],
    'recovery-quorum': [
      'Genug Kontakte haben einer Wiederherstellung zugestimmt',
      'Eine Wartezeit hat begonnen, in der die Person sie stoppen kann. Sie endet frühestens am {until}.',
    ],
    'recovery-below-quorum': [
      'Einer Wiederherstellung stimmen nicht mehr genug Kontakte zu',
      'Sie sammelt weiter Antworten.',
    ],
    'recovery-releasable': ['Die Wartezeit einer Wiederherstellung ist vorbei'],
    'recovery-contested': [
      'Eine Wiederherstellung ist umstritten',
      'Jemand, der den Schlüssel hat, hat Einspruch erhoben. Wenn Ihnen die Person mit ihrer Stimme gesagt hat, dass ihr Telefon gestohlen wurde, sagen Sie das in {app}.',
    ],
    'recovery-resumed': [
      'Eine umstrittene Wiederherstellung geht weiter',
      'Genug Kontakte haben angegeben, dass das Telefon gestohlen wurde.',
    ],
    'recovery-restarted': [
      'Die Wartezeit einer Wiederherstellung beginnt von vorn',
      'Der Dienst wurde aus einer Sicherung wiederhergestellt. Zur Sicherheit wartet alles, was im Gang war, noch einmal ganz.',
    ],
    'recovery-released': ['Ein Schlüssel wurde an das Gerät freigegeben, das danach gefragt hat'],
    'recovery-completed': ['Eine Wiederherstellung ist abgeschlossen', 'Danke, dass Sie da sind.'],
    'recovery-vetoed': ['Eine Wiederherstellung wurde gestoppt', 'Für Sie ist nichts weiter zu tun.'],
    'recovery-ended': ['Eine Wiederherstellung ist beendet', 'Für Sie ist nichts weiter zu tun.'],
    other: ['Es gibt Neues aus einem Kreis, zu dem Sie gehören', '{app} zeigt, was es ist.'],
  },
  advice: {
    stop: [
      'Wenn Sie das sind, ist nichts zu tun.',
      'Wenn nicht, können Sie es stoppen. Öffnen Sie die Seite unten auf einem Gerät, das Ihren Schlüssel hat, oder halten Sie Ihren gedruckten Vetoschlüssel bereit. Die Seite fragt noch einmal nach, bevor etwas geschieht.',
    ],
    open: [
      'Wenn Sie das sind, ist nichts zu tun.',
      'Wenn nicht, öffnen Sie {app} auf einem Gerät, das Ihren Schlüssel hat, und stoppen Sie die Wiederherstellung dort.',
    ],
    change: [
      'Wenn Sie das waren, ist nichts zu tun.',
      'Wenn nicht, öffnen Sie {app} auf einem Gerät, das Ihren Schlüssel hat, und ziehen Sie es dort zurück. Ihre Kontakte wurden ebenfalls benachrichtigt.',
    ],
    device: [
      'Wenn Sie das waren, ist nichts zu tun.',
      'Wenn nicht, öffnen Sie {app} und entfernen Sie jedes Gerät, das Sie nicht kennen.',
    ],
    reach: [
      'Wenn Sie das waren, ist nichts zu tun.',
      'Wenn nicht, öffnen Sie {app}, sehen Sie Ihre Geräte durch, und geben Sie neu an, wo Sie benachrichtigt werden möchten.',
    ],
    late: [
      'Wenn Sie das waren, ist nichts zu tun.',
      'Wenn nicht: Hier lässt es sich nicht mehr stoppen. Sagen Sie es Ihren Kontakten mit Ihrer Stimme, und sagen Sie es den Betreibern von {app}: über deren eigene Einstellungen, nie über eine Nummer oder einen Link, den Ihnen jemand schickt.',
    ],
    call: [
      'Rufen Sie die Person an, bevor Sie antworten, unter einer Nummer, die Sie schon kennen, und achten Sie auf ihre Stimme. Eine Nummer oder ein Link aus einer Nachricht beweist nichts. Nehmen Sie sich die Zeit, die Sie brauchen.',
    ],
  },
  digest: {
    owner: 'Neues zu Ihrem Konto: {count}',
    contact: 'Neues aus Kreisen, zu denen Sie gehören: {count}',
  },
  more: '{app} zeigt, was es sonst noch gibt.',
  happened: 'Das war am {at}.',
  never:
    'Niemand wird Sie je nach einem Schlüssel, einem Anteil, einem Passwort oder schriftlich nach Ihren Codes fragen: nicht {app}, nicht Ihre Kontakte, nicht der Dienst.',
  why: '{app} schickt Ihnen das, weil Sie angegeben haben, dass Sie hier benachrichtigt werden möchten.',
  link: { stop: 'Diese Wiederherstellung stoppen', app: '{app} öffnen' },
}
