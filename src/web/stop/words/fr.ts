import type { Words } from './words.ts'

export const fr: Words = {
  language: 'fr',
  name: 'Français',
  dir: 'ltr',
  chooseLanguage: 'Langue',
  loading: 'Vérification de la présence de votre clé sur cet appareil …',
  ask: {
    title: 'Arrêter cette récupération ?',
    what: 'Quelqu’un a demandé la clé de votre compte. Si c’est vous, laissez les choses en l’état.',
    after:
      'Si vous l’arrêtez, rien n’est remis par cette demande. Votre clé et vos contacts restent tels qu’ils sont.',
    until: 'Si personne ne l’arrête, la clé peut être remise le {until}, pas avant.',
    byDevice: 'Cet appareil détient votre clé et peut signer pour vous.',
    stop: 'L’arrêter',
    leave: 'Laisser en l’état',
  },
  key: {
    text: 'Ce navigateur ne détient aucune clé de votre compte. Vous pouvez arrêter la récupération avec la clé de veto que vous avez imprimée.',
    label: 'Clé de veto',
    hint: '43 lettres, chiffres, - et _. Les espaces entre eux n’ont pas d’importance.',
    wrong:
      'Cette clé de veto n’est pas entière. Elle a 43 caractères : veuillez la comparer avec votre impression.',
    stays: 'La clé reste sur cette page. Seule une opposition signée en sort.',
    without: 'Je n’ai pas de clé de veto ici',
    elsewhere:
      'Ouvrez l’application sur un téléphone ou un ordinateur où vous êtes connecté. Votre clé s’y trouve, et vous pouvez y arrêter la récupération.',
  },
  sending: 'Signature sur place et envoi de l’opposition …',
  results: {
    stopped: [
      'La récupération est arrêtée',
      'Rien n’a été remis. Vos contacts sont avertis.',
      'La personne qui a demandé doit attendre avant de pouvoir redemander. Si vous pensez que quelqu’un connaît votre mot de passe ou a votre carte SIM, changez-les.',
    ],
    contested: [
      'Votre opposition compte',
      'Rien n’est remis pour le moment. Votre cercle suit la règle des téléphones volés : on demande à vos contacts si votre téléphone a été volé.',
      'Si trop peu d’entre eux le disent, la récupération prend fin. Une clé de veto imprimée l’arrête définitivement.',
    ],
    goesOn: [
      'Votre opposition est arrivée, et la récupération continue',
      'Assez de vos contacts ont déclaré que votre téléphone a été volé. La période d’attente s’est allongée.',
      'La clé de veto imprimée peut encore l’arrêter.',
    ],
    overruled: [
      'Seule la clé de veto peut encore l’arrêter',
      'Assez de vos contacts ont déclaré que votre téléphone a été volé. La clé de cet appareil ne suffit donc plus à elle seule.',
    ],
    late: [
      'La clé a déjà été remise',
      'La période d’attente était passée, et l’appareil qui a fait la demande a pris la clé. Cette page ne peut plus l’arrêter.',
      'Si ce n’était pas vous : dites-le à vos contacts de vive voix, et à l’équipe de votre application, par ses propres réglages.',
    ],
    ended: [
      'Cette récupération a déjà pris fin',
      'Il n’y a plus rien à arrêter. Si votre compte a été récupéré sur un appareil qui n’est pas le vôtre, dites-le à vos contacts de vive voix, et à l’équipe de votre application.',
    ],
    notYours: [
      'Cette clé n’est pas celle de cette récupération',
      'Rien n’a été modifié. Elle appartient peut-être à un autre compte, ou à un cercle que vous avez remplacé depuis.',
    ],
    left: [
      'Rien n’a été modifié',
      'La récupération continue. Vous pouvez revenir sur cette page tant que la clé n’est pas remise.',
    ],
    broken: [
      'Ce lien n’est pas entier',
      'Veuillez l’ouvrir encore une fois depuis le courriel, ou le copier en entier.',
    ],
    failed: [
      'Le service n’a pas pu être joint',
      'Votre opposition n’est peut-être pas arrivée. Un nouvel essai ne fait pas de mal : elle compte une fois.',
    ],
  },
  contestedUntil: 'Ils peuvent le dire jusqu’au {until}.',
  byKey: 'L’arrêter avec la clé de veto',
  again: 'Essayer encore',
  open: 'Ouvrir {app}',
  never:
    'Personne ne vous demandera jamais d’envoyer une clé, une part, un mot de passe ou un code. Cette page non plus.',
}
