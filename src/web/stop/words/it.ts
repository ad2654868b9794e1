import type { Words } from './words.ts'

export const it: Words = {
  language: 'it',
  name: 'Italiano',
  dir: 'ltr',
  chooseLanguage: 'Lingua',
  loading: 'Si controlla se questo dispositivo ha la sua chiave …',
  ask: {
    title: 'Fermare questo recupero?',
    what: 'Qualcuno ha chiesto la chiave del suo account. Se è lei, lasci tutto com’è.',
    after:
      'Se lo ferma, con questa richiesta non viene consegnato nulla. La sua chiave e i suoi contatti restano come sono.',
    until: 'Se nessuno lo ferma, la chiave può essere consegnata {until}, non prima.',
    byDevice: 'Questo dispositivo ha la sua chiave e può firmare per lei.',
    stop: 'Fermarlo',
    leave: 'Lasciare com’è',
  },
  key: {
    text: 'Questo browser non ha nessuna chiave del suo account. Può fermare il recupero con la chiave di veto che ha stampato.',
    label: 'Chiave di veto',
    hint: '43 lettere, cifre, - e _. Gli spazi in mezzo non contano.',
    wrong: 'Questa non è una chiave di veto intera. Ha 43 caratteri: la confronti con la sua stampa.',
    stays: 'La chiave resta su questa pagina. Ne esce solo un’opposizione firmata.',
    without: 'Non ho qui una chiave di veto',
    elsewhere:
      'Apra l’app su un telefono o un computer in cui ha già effettuato l’accesso. Lì c’è la sua chiave, e lì può fermare il recupero.',
  },
  sending: 'Firma in corso e invio dell’opposizione …',
  results: {
    stopped: [
      'Il recupero è fermato',
      'Non è stato consegnato nulla. I suoi contatti vengono avvisati.',
      'Chi l’ha chiesto deve aspettare prima di poter chiedere ancora. Se pensa che qualcuno conosca la sua password o abbia la sua SIM, le cambi.',
    ],
    contested: [
      'La sua opposizione conta',
      'Per ora non viene consegnato nulla. La sua cerchia segue la regola dei telefoni rubati: si chiede ai suoi contatti se il suo telefono è stato rubato.',
      'Se non lo dicono abbastanza di loro, il recupero finisce. Una chiave di veto stampata lo ferma definitivamente.',
    ],
    goesOn: [
      'La sua opposizione è arrivata, e il recupero continua',
      'Abbastanza contatti hanno dichiarato che il suo telefono è stato rubato. Il periodo di attesa si è allungato.',
      'La chiave di veto stampata può ancora fermarlo.',
    ],
    overruled: [
      'Ormai può fermarlo solo la chiave di veto',
      'Abbastanza contatti hanno dichiarato che il suo telefono è stato rubato. Perciò la chiave di questo dispositivo da sola non basta più.',
    ],
    late: [
      'La chiave è già stata consegnata',
      'Il periodo di attesa era passato, e il dispositivo che l’ha chiesta ha preso la chiave. Questa pagina non può più fermarlo.',
      'Se non è stato lei: lo dica a voce ai suoi contatti, e a chi gestisce la sua app, dalle sue impostazioni.',
    ],
    ended: [
      'Questo recupero è già finito',
      'Non c’è più nulla da fermare. Se il suo account è stato recuperato su un dispositivo che non è suo, lo dica a voce ai suoi contatti, e a chi gestisce la sua app.',
    ],
    notYours: [
      'Questa chiave non è quella di questo recupero',
      'Non è cambiato nulla. Forse appartiene a un altro account, o a una cerchia che nel frattempo ha sostituito.',
    ],
    left: [
      'Non è cambiato nulla',
      'Il recupero continua. Può tornare a questa pagina finché la chiave non è consegnata.',
    ],
    broken: ['Questo link non è intero', 'Lo apra ancora una volta dall’e-mail, o lo copi per intero.'],
    failed: [
      'Non è stato possibile raggiungere il servizio',
      'Forse la sua opposizione non è arrivata. Riprovare non fa danni: conta una volta.',
    ],
  },
  contestedUntil: 'Possono dirlo fino a {until}.',
  byKey: 'Fermarlo con la chiave di veto',
  again: 'Riprovare',
  open: 'Aprire {app}',
  never:
    'Nessuno le chiederà mai di inviare una chiave, una parte, una password o un codice. Nemmeno questa pagina.',
}
