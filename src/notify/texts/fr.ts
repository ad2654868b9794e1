import type { Texts } from './texts.ts'

const UNTIL = 'Votre clé peut être remise le {until}, pas avant.'
const CHANGE = 'Elle prend effet après {cool}, ou plus tôt si assez de contacts l’acceptent.'
const END = 'Cela prend effet après {cool}.'

export const fr: Texts = {
  language: 'fr',
  dir: 'ltr',
  owner: {
    'invitation-answered': [
      'Quelqu’un a accepté votre invitation',
      'Dans {app}, vous choisissez à qui confier une part.',
    ],
    'share-accepted': [
      'Un contact de confiance a accepté sa part',
      '{app} montre qui c’était et qui doit encore répondre.',
    ],
    'share-declined': [
      'Un contact de confiance a refusé sa part',
      'Dans {app}, vous pouvez choisir quelqu’un d’autre.',
    ],
    'change-proposed': [
      'Une modification de vos contacts de confiance a commencé',
      CHANGE,
      'D’ici là, elle peut être retirée.',
    ],
    'deletion-proposed': [
      'Votre cercle de contacts de confiance doit prendre fin',
      END,
      'D’ici là, cela peut être retiré.',
    ],
    'change-cancelled': [
      'Une modification de votre cercle a été retirée',
      'Vos contacts de confiance restent les mêmes.',
    ],
    'change-delayed': [
      'Une modification de votre cercle prend un peu plus de temps',
      'Quelqu’un a demandé votre clé entre-temps, et la modification attend de voir ce qu’il en est.',
    ],
    'epoch-activated': [
      'Vos contacts de confiance sont en place',
      'Ils peuvent désormais vous aider à retrouver votre clé.',
    ],
    'circle-deleted': [
      'Votre cercle de contacts de confiance a pris fin',
      'Personne ne peut vous aider à retrouver votre clé tant que vous n’avez pas choisi de nouveaux contacts.',
    ],
    'device-registered': ['Un appareil a été ajouté à votre compte'],
    'device-revoked': ['Un appareil a été retiré de votre compte'],
    'destinations-changed': [
      'L’endroit où vous êtes averti a été modifié',
      'Ce message a été envoyé partout où vous étiez averti avant, et où vous l’êtes désormais.',
    ],
    'recovery-opened': [
      'Quelqu’un demande à récupérer votre compte',
      'Un nouvel appareil a demandé votre clé. Vos contacts de confiance le savent aussi.',
      'Rien n’est remis avant que suffisamment d’entre eux aient accepté et que {wait} se soient écoulés ensuite.',
    ],
    'session-differed': [
      'Un code faux a été donné en votre nom',
      'La personne qui a demandé votre clé n’a pas pu donner le bon code à un contact de confiance. C’est peut-être une erreur, ou un imposteur.',
    ],
    'recovery-answered': [
      'Un contact de confiance a répondu à la demande de votre clé',
      '{app} montre ce qu’il a dit.',
    ],
    'recovery-alarmed': [
      'Un contact de confiance a donné l’alerte',
      'Il dit que la demande de votre clé ne vient pas de vous.',
      'Une alerte allonge la période d’attente, une seule fois.',
    ],
    'recovery-quorum': [
      'Suffisamment de vos contacts de confiance ont accepté',
      'La période d’attente a commencé.',
      UNTIL,
    ],
    'recovery-below-quorum': [
      'Vos contacts ne sont plus assez nombreux à accepter',
      'La période d’attente est arrêtée. La demande recueille encore des réponses.',
    ],
    'recovery-half-time': ['La moitié de la période d’attente est passée', UNTIL],
    'recovery-day-left': ['Il reste un jour de la période d’attente', UNTIL],
    'recovery-hour-left': ['Il reste une heure de la période d’attente', UNTIL],
    'recovery-releasable': [
      'La période d’attente est terminée',
      'L’appareil qui a fait la demande peut chercher votre clé. Tant qu’il ne l’a pas fait, cela peut encore être arrêté.',
    ],
    'recovery-contested': [
      'La récupération de votre compte est contestée',
      'Une opposition a été faite avec votre clé. On demande à vos contacts si votre téléphone a été volé ; d’ici là, rien n’est remis.',
    ],
    'recovery-resumed': [
      'La récupération de votre compte continue',
      'Assez de contacts ont déclaré que votre téléphone a été volé. La période d’attente s’est allongée. La clé de veto imprimée peut encore l’arrêter.',
      UNTIL,
    ],
    'recovery-restarted': [
      'La période d’attente recommence',
      'Le service a été restauré à partir d’une sauvegarde. Par sécurité, tout ce qui était en cours attend de nouveau en entier.',
      UNTIL,
    ],
    'recovery-released': [
      'Votre clé a été remise à l’appareil qui l’a demandée',
      'La période d’attente était passée et personne ne s’y était opposé.',
    ],
    'recovery-completed': [
      'Votre compte a été récupéré sur un autre appareil',
      'Choisissez-y de nouveau vos contacts de confiance, pour rester protégé.',
    ],
    'recovery-vetoed': [
      'La demande de votre clé a été arrêtée',
      'Rien n’a été remis. La personne qui a demandé doit attendre avant de pouvoir redemander.',
    ],
    'recovery-ended': ['Une demande de votre clé a pris fin', 'Elle ne peut plus servir.'],
    other: ['Il y a du nouveau sur votre compte', '{app} montre de quoi il s’agit.'],
  },
  contact: {
    'share-offered': [
      'Quelqu’un vous a choisi comme contact de confiance',
      '{app} montre qui c’est. Vous pouvez accepter ou refuser. Ce que vous gardez est scellé et ne dit rien à lui seul.',
    ],
    'change-proposed': [
      'Une personne dont vous êtes le contact de confiance modifie son cercle',
      '{app} montre qui c’est.',
      CHANGE,
      'Si elle n’en sait rien, un voleur a peut-être son téléphone.',
    ],
    'deletion-proposed': [
      'Une personne dont vous êtes le contact de confiance met fin à son cercle',
      '{app} montre qui c’est.',
      END,
      'Si elle n’en sait rien, un voleur a peut-être son téléphone.',
    ],
    'change-cancelled': ['Une modification d’un cercle a été retirée', 'Il reste tel qu’il était.'],
    'change-delayed': [
      'Une modification d’un cercle prend un peu plus de temps',
      'Une demande de récupération est arrivée entre-temps.',
    ],
    'epoch-activated': [
      'Un cercle de contacts de confiance a changé',
      '{app} montre si vous en gardez une part.',
    ],
    'circle-deleted': [
      'Un cercle de contacts de confiance a pris fin',
      'La part que vous gardiez ne sert plus à personne.',
    ],
    'recovery-opened': [
      'Quelqu’un demande votre aide pour récupérer un compte',
      'Un nouvel appareil a demandé la clé d’une personne dont vous êtes le contact de confiance. {app} montre qui c’est.',
    ],
    'recovery-alarmed': [
      'Un autre contact a donné l’alerte',
      'Il dit qu’une demande ne vient pas de la personne qu’elle nomme. {app} montre de quelle clé il s’agit.',
    ],
    'recovery-quorum': [
      'Assez de contacts ont accepté une récupération',
      'Une période d’attente a commencé, pendant laquelle la personne peut l’arrêter. Elle se termine au plus tôt le {until}.',
    ],
    'recovery-below-quorum': [
      'Les contacts ne sont plus assez nombreux à accepter une récupération',
      'Elle recueille encore des réponses.',
    ],
    'recovery-releasable': ['La période d’attente d’une récupération est terminée'],
    'recovery-contested': [
      'Une récupération est contestée',
      'Quelqu’un qui détient la clé s’y est opposé. Si la personne vous a dit de vive voix que son téléphone a été volé, indiquez-le dans {app}.',
    ],
    'recovery-resumed': [
      'Une récupération contestée continue',
      'Assez de contacts ont déclaré que le téléphone a été volé.',
    ],
    'recovery-restarted': [
      'La période d’attente d’une récupération recommence',
      'Le service a été restauré à partir d’une sauvegarde. Par sécurité, tout ce qui était en cours attend de nouveau en entier.',
    ],
    'recovery-released': ['Une clé a été remise à l’appareil qui l’a demandée'],
    'recovery-completed': ['Une récupération est terminée', 'Merci d’avoir été là.'],
    'recovery-vetoed': ['Une récupération a été arrêtée', 'Vous n’avez rien d’autre à faire.'],
    'recovery-ended': ['Une récupération a pris fin', 'Vous n’avez rien d’autre à faire.'],
    other: ['Il y a du nouveau dans un cercle dont vous faites partie', '{app} montre de quoi il s’agit.'],
  },
  advice: {
    stop: [
      'Si c’est vous, il n’y a rien à faire.',
      'Si ce n’est pas vous, vous pouvez l’arrêter. Ouvrez la page ci-dessous sur un appareil qui détient votre clé, ou gardez votre clé de veto imprimée à portée de main. La page vous demande encore une fois avant que rien ne se passe.',
    ],
    open: [
      'Si c’est vous, il n’y a rien à faire.',
      'Si ce n’est pas vous, ouvrez {app} sur un appareil qui détient votre clé et arrêtez-y la récupération.',
    ],
    change: [
      'Si c’était vous, il n’y a rien à faire.',
      'Si ce n’était pas vous, ouvrez {app} sur un appareil qui détient votre clé et retirez-la. Vos contacts ont aussi été avertis.',
    ],
    device: [
      'Si c’était vous, il n’y a rien à faire.',
      'Si ce n’était pas vous, ouvrez {app} et retirez tout appareil que vous ne connaissez pas.',
    ],
    reach: [
      'Si c’était vous, il n’y a rien à faire.',
      'Si ce n’était pas vous, ouvrez {app}, passez vos appareils en revue et indiquez de nouveau où vous voulez être averti.',
    ],
    late: [
      'Si c’était vous, il n’y a rien à faire.',
      'Si ce n’était pas vous, cela ne peut plus être arrêté ici. Dites-le à vos contacts de vive voix, et à l’équipe de {app} : par ses propres réglages, jamais par un numéro ou un lien que quelqu’un vous envoie.',
    ],
    call: [
      'Avant de répondre, appelez la personne à un numéro que vous connaissez déjà et écoutez si c’est sa voix. Un numéro ou un lien reçu dans un message ne prouve rien. Prenez le temps qu’il vous faut.',
    ],
  },
  digest: {
    owner: 'Nouvelles de votre compte : {count}',
    contact: 'Nouvelles des cercles dont vous faites partie : {count}',
  },
  more: '{app} montre ce qu’il y a d’autre.',
  happened: 'C’était le {at}.',
  never:
    'Personne ne vous demandera jamais une clé, une part, un mot de passe, ni vos codes par écrit : ni {app}, ni vos contacts, ni le service.',
  why: '{app} vous envoie ceci parce que vous avez indiqué vouloir être averti ici.',
  link: { stop: 'Arrêter cette récupération', app: 'Ouvrir {app}' },
}
