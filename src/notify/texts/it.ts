import type { Texts } from './texts.ts'

const UNTIL = 'La sua chiave può essere consegnata {until}, non prima.'
const CHANGE = 'Ha effetto dopo {cool}, o prima se abbastanza contatti sono d’accordo.'
const END = 'Ha effetto dopo {cool}.'

export const it: Texts = {
  language: 'it',
  dir: 'ltr',
  owner: {
    'invitation-answered': [
      'Qualcuno ha accettato il suo invito',
      'In {app} sceglie a chi affidare una parte.',
    ],
    'share-accepted': [
      'Un contatto di fiducia ha accettato la sua parte',
      '{app} mostra chi è stato e chi deve ancora rispondere.',
    ],
    'share-declined': [
      'Un contatto di fiducia ha rifiutato la sua parte',
      'In {app} può scegliere qualcun altro.',
    ],
    'change-proposed': [
      'È iniziata una modifica dei suoi contatti di fiducia',
      CHANGE,
      'Fino ad allora può essere ritirata.',
    ],
    'deletion-proposed': [
      'La sua cerchia di contatti di fiducia sta per finire',
      END,
      'Fino ad allora si può ritirare.',
    ],
    'change-cancelled': [
      'Una modifica della sua cerchia è stata ritirata',
      'I suoi contatti di fiducia restano com’erano.',
    ],
    'change-delayed': [
      'Una modifica della sua cerchia richiede un po’ più di tempo',
      'Nel frattempo qualcuno ha chiesto la sua chiave, e la modifica aspetta di vedere come va a finire.',
    ],
    'epoch-activated': [
      'I suoi contatti di fiducia sono pronti',
      'Da ora possono aiutarla a riavere la sua chiave.',
    ],
    'circle-deleted': [
      'La sua cerchia di contatti di fiducia è finita',
      'Nessuno può aiutarla a riavere la sua chiave finché non sceglie di nuovo dei contatti.',
    ],
    'device-registered': ['Un dispositivo è stato aggiunto al suo account'],
    'device-revoked': ['Un dispositivo è stato rimosso dal suo account'],
    'destinations-changed': [
      'È cambiato dove riceve gli avvisi',
      'Questo messaggio è andato a tutti i recapiti noti prima e a quelli nuovi.',
    ],
    'recovery-opened': [
      'Qualcuno ha chiesto di recuperare il suo account',
      'Un nuovo dispositivo ha chiesto la sua chiave. Anche i suoi contatti di fiducia lo sanno.',
      'Non viene consegnato nulla prima che abbastanza di loro siano d’accordo e che poi passino {wait}.',
    ],
    'session-differed': [
      'È stato dato un codice sbagliato a suo nome',
      'Chi ha chiesto la sua chiave non ha saputo dare il codice giusto a un contatto di fiducia. Può essere una svista, o un impostore.',
    ],
    'recovery-answered': [
      'Un contatto di fiducia ha risposto alla richiesta della sua chiave',
      '{app} mostra che cosa ha detto.',
    ],
    'recovery-alarmed': [
      'Un contatto di fiducia ha dato l’allarme',
      'Dice che la richiesta della sua chiave non viene da lei.',
      'Un allarme allunga il periodo di attesa, una volta sola.',
    ],
    'recovery-quorum': [
      'Abbastanza contatti di fiducia sono d’accordo',
      'Il periodo di attesa è iniziato.',
      UNTIL,
    ],
    'recovery-below-quorum': [
      'Non ci sono più abbastanza contatti d’accordo',
      'Il periodo di attesa si è fermato. La richiesta raccoglie ancora risposte.',
    ],
    'recovery-half-time': ['È passata metà del periodo di attesa', UNTIL],
    'recovery-day-left': ['Manca un giorno del periodo di attesa', UNTIL],
    'recovery-hour-left': ['Manca un’ora del periodo di attesa', UNTIL],
    'recovery-releasable': [
      'Il periodo di attesa è finito',
      'Il dispositivo che l’ha chiesta può prendere la sua chiave. Finché non l’ha fatto, si può ancora fermare.',
    ],
    'recovery-contested': [
      'Il recupero del suo account è contestato',
      'È stata fatta opposizione con la sua chiave. Si chiede ai suoi contatti se il suo telefono è stato rubato, e finché non è chiaro non viene consegnato nulla.',
    ],
    'recovery-resumed': [
      'Il recupero del suo account continua',
      'Abbastanza contatti hanno dichiarato che il suo telefono è stato rubato. Il periodo di attesa si è allungato. La chiave di veto stampata può ancora fermarlo.',
      UNTIL,
    ],
    'recovery-restarted': [
      'Il periodo di attesa ricomincia',
      'Il servizio è stato ripristinato da una copia di sicurezza. Per prudenza, tutto ciò che era in corso aspetta di nuovo per intero.',
      UNTIL,
    ],
    'recovery-released': [
      'La sua chiave è stata consegnata al dispositivo che l’ha chiesta',
      'Il periodo di attesa era passato e nessuno l’aveva fermato.',
    ],
    'recovery-completed': [
      'Il suo account è stato recuperato su un altro dispositivo',
      'Scelga lì di nuovo i suoi contatti di fiducia, per restare protetto.',
    ],
    'recovery-vetoed': [
      'La richiesta della sua chiave è stata fermata',
      'Non è stato consegnato nulla. Chi l’ha chiesta deve aspettare prima di poter chiedere ancora.',
    ],
    'recovery-ended': ['Una richiesta della sua chiave è terminata', 'Non può più essere usata.'],
    other: ['Ci sono novità sul suo account', '{app} mostra di che si tratta.'],
  },
  contact: {
    'share-offered': [
      'Qualcuno l’ha scelta come contatto di fiducia',
      '{app} mostra chi è. Può accettare o rifiutare. Ciò che custodisce è sigillato e da solo non dice nulla.',
    ],
    'change-proposed': [
      'Una persona di cui è contatto di fiducia modifica la sua cerchia',
      '{app} mostra chi è.',
      CHANGE,
      'Se la persona non ne sa nulla, il suo telefono potrebbe essere in mano a un ladro.',
    ],
    'deletion-proposed': [
      'Una persona di cui è contatto di fiducia chiude la sua cerchia',
      '{app} mostra chi è.',
      END,
      'Se la persona non ne sa nulla, il suo telefono potrebbe essere in mano a un ladro.',
    ],
    'change-cancelled': ['Una modifica di una cerchia è stata ritirata', 'Resta com’era.'],
    'change-delayed': [
      'Una modifica di una cerchia richiede un po’ più di tempo',
      'Nel frattempo è arrivata una richiesta di recupero.',
    ],
    'epoch-activated': [
      'Una cerchia di contatti di fiducia è cambiata',
      '{app} mostra se ne custodisce una parte.',
    ],
    'circle-deleted': [
      'Una cerchia di contatti di fiducia è finita',
      'La parte che custodiva non serve più a nessuno.',
    ],
    'recovery-opened': [
      'Qualcuno chiede il suo aiuto per recuperare un account',
      'Un nuovo dispositivo ha chiesto la chiave di una persona di cui è contatto di fiducia. {app} mostra chi è.',
    ],
    'recovery-alarmed': [
      'Un altro contatto ha dato l’allarme',
      'Dice che una richiesta non viene dalla persona che nomina. {app} mostra di chi è la chiave.',
    ],
    'recovery-quorum': [
      'Abbastanza contatti sono d’accordo con un recupero',
      'È iniziato un periodo di attesa in cui la persona può fermarlo. Finisce non prima di {until}.',
    ],
    'recovery-below-quorum': [
      'Non ci sono più abbastanza contatti d’accordo con un recupero',
      'Raccoglie ancora risposte.',
    ],
    'recovery-releasable': ['Il periodo di attesa di un recupero è finito'],
    'recovery-contested': [
      'Un recupero è contestato',
      'Qualcuno che ha la chiave ha fatto opposizione. Se la persona le ha detto a voce che il suo telefono è stato rubato, lo indichi in {app}.',
    ],
    'recovery-resumed': [
      'Un recupero contestato continua',
      'Abbastanza contatti hanno dichiarato che il telefono è stato rubato.',
    ],
    'recovery-restarted': [
      'Il periodo di attesa di un recupero ricomincia',
      'Il servizio è stato ripristinato da una copia di sicurezza. Per prudenza, tutto ciò che era in corso aspetta di nuovo per intero.',
    ],
    'recovery-released': ['Una chiave è stata consegnata al dispositivo che l’ha chiesta'],
    'recovery-completed': ['Un recupero è concluso', 'Grazie per il suo aiuto.'],
    'recovery-vetoed': ['Un recupero è stato fermato', 'Non deve fare altro.'],
    'recovery-ended': ['Un recupero è terminato', 'Non deve fare altro.'],
    other: ['Ci sono novità da una cerchia di cui fa parte', '{app} mostra di che si tratta.'],
  },
  advice: {
    stop: [
      'Se è lei, non c’è nulla da fare.',
      'Se non è lei, può fermarlo. Apra la pagina qui sotto su un dispositivo che ha la sua chiave, o tenga a portata di mano la sua chiave di veto stampata. La pagina chiede ancora una volta prima che accada qualcosa.',
    ],
    open: [
      'Se è lei, non c’è nulla da fare.',
      'Se non è lei, apra {app} su un dispositivo che ha la sua chiave e fermi lì il recupero.',
    ],
    change: [
      'Se è stato lei, non c’è nulla da fare.',
      'Se non è stato lei, apra {app} su un dispositivo che ha la sua chiave e ritiri tutto lì. Anche i suoi contatti sono stati avvisati.',
    ],
    device: [
      'Se è stato lei, non c’è nulla da fare.',
      'Se non è stato lei, apra {app} e rimuova ogni dispositivo che non conosce.',
    ],
    reach: [
      'Se è stato lei, non c’è nulla da fare.',
      'Se non è stato lei, apra {app}, controlli i suoi dispositivi e indichi di nuovo dove vuole ricevere gli avvisi.',
    ],
    late: [
      'Se è stato lei, non c’è nulla da fare.',
      'Se non è stato lei, qui non si può più fermare. Lo dica a voce ai suoi contatti, e a chi gestisce {app}: dalle sue impostazioni, mai da un numero o un link che qualcuno le manda.',
    ],
    call: [
      'Prima di rispondere, chiami la persona a un numero che conosce già e ascolti se è la sua voce. Un numero o un link in un messaggio non provano nulla. Si prenda il tempo che le serve.',
    ],
  },
  digest: {
    owner: 'Novità sul suo account: {count}',
    contact: 'Novità dalle cerchie di cui fa parte: {count}',
  },
  more: '{app} mostra che cos’altro c’è.',
  happened: 'È stato {at}.',
  never:
    'Nessuno le chiederà mai una chiave, una parte, una password o i suoi codici per iscritto: né {app}, né i suoi contatti, né il servizio.',
  why: '{app} le invia questo perché ha indicato di voler ricevere gli avvisi qui.',
  link: { stop: 'Fermare questo recupero', app: 'Aprire {app}' },
}
