import type { Texts } from './texts.ts'

const UNTIL = 'Your key can be released on {until}, not before.'
const CHANGE = 'It takes effect after {cool}, or sooner if enough contacts agree to it.'
const END = 'It takes effect after {cool}.'

export const en: Texts = {
  language: 'en',
  dir: 'ltr',
  owner: {
    'invitation-answered': [
      'Someone accepted your invitation',
      'In {app} you choose whom you entrust with a part.',
    ],
    'share-accepted': [
      'A trusted contact accepted their part',
      '{app} shows who it was and who is still to answer.',
    ],
    'share-declined': ['A trusted contact declined their part', 'In {app} you can choose somebody else.'],
    'change-proposed': [
      'A change of your trusted contacts has begun',
      CHANGE,
      'Until then it can be withdrawn.',
    ],
    'deletion-proposed': [
      'Your circle of trusted contacts is to end',
      END,
      'Until then this can be withdrawn.',
    ],
    'change-cancelled': ['A change of your circle was withdrawn', 'Your trusted contacts stay as they were.'],
    'change-delayed': [
      'A change of your circle takes a little longer',
      'Somebody has asked for your key meanwhile, and the change waits to see what comes of it.',
    ],
    'epoch-activated': ['Your trusted contacts are set', 'From now on they can help you get your key back.'],
    'circle-deleted': [
      'Your circle of trusted contacts has ended',
      'Nobody can help you get your key back until you choose contacts again.',
    ],
    'device-registered': ['A device was added to your account'],
    'device-revoked': ['A device was removed from your account'],
    'destinations-changed': [
      'Where you are told of news was changed',
      'This message went to every place that was known before and after.',
    ],
    'recovery-opened': [
      'Somebody asked to recover your account',
      'A new device has asked for your key. Your trusted contacts know of it too.',
      'Nothing is released before enough of them have agreed and {wait} have passed after that.',
    ],
    'session-differed': [
      'A wrong code was given in your name',
      'Whoever asked for your key could not give a trusted contact the right code. It may be a slip, or an impostor.',
    ],
    'recovery-answered': [
      'A trusted contact answered the request for your key',
      '{app} shows what they said.',
    ],
    'recovery-alarmed': [
      'A trusted contact raised the alarm',
      'They say that the request for your key does not come from you.',
      'An alarm makes the waiting period longer, once.',
    ],
    'recovery-quorum': ['Enough of your trusted contacts agreed', 'The waiting period has begun.', UNTIL],
    'recovery-below-quorum': [
      'Not enough of your contacts agree any more',
      'The waiting period has stopped. The request still collects answers.',
    ],
    'recovery-half-time': ['Half of the waiting period is over', UNTIL],
    'recovery-day-left': ['One day of the waiting period is left', UNTIL],
    'recovery-hour-left': ['One hour of the waiting period is left', UNTIL],
    'recovery-releasable': [
      'The waiting period is over',
      'The device that asked can fetch your key. As long as it has not, this can still be stopped.',
    ],
    'recovery-contested': [
      'The recovery of your account is contested',
      'It was objected to with your key. Your contacts are asked whether your phone was stolen, and until that is clear nothing is released.',
    ],
    'recovery-resumed': [
      'The recovery of your account goes on',
      'Enough contacts stated that your phone was stolen. The waiting period became longer. The printed veto key can still stop it.',
      UNTIL,
    ],
    'recovery-restarted': [
      'The waiting period begins anew',
      'The service was restored from a backup. To be safe, everything under way waits again in full.',
      UNTIL,
    ],
    'recovery-released': [
      'Your key was released to the device that asked',
      'The waiting period had passed and nobody had stopped it.',
    ],
    'recovery-completed': [
      'Your account was recovered on another device',
      'Choose your trusted contacts again there, so that you stay protected.',
    ],
    'recovery-vetoed': [
      'The request for your key was stopped',
      'Nothing was released. Whoever asked has to wait before they can ask again.',
    ],
    'recovery-ended': ['A request for your key has ended', 'It can no longer be used.'],
    other: ['There is news about your account', '{app} shows what it is.'],
  },
  contact: {
    'share-offered': [
      'Somebody chose you as a trusted contact',
      '{app} shows who it is. You can accept or decline. What you keep for them is sealed and says nothing by itself.',
    ],
    'change-proposed': [
      'Somebody you are a trusted contact of changes their circle',
      '{app} shows who it is.',
      CHANGE,
      'If they know nothing of it, a thief may have their phone.',
    ],
    'deletion-proposed': [
      'Somebody you are a trusted contact of ends their circle',
      '{app} shows who it is.',
      END,
      'If they know nothing of it, a thief may have their phone.',
    ],
    'change-cancelled': ['A change of a circle was withdrawn', 'It stays as it was.'],
    'change-delayed': [
      'A change of a circle takes a little longer',
      'A request for recovery came in between.',
    ],
    'epoch-activated': [
      'A circle of trusted contacts has changed',
      '{app} shows whether you hold a part in it.',
    ],
    'circle-deleted': [
      'A circle of trusted contacts has ended',
      'The part that you kept is of no more use to anyone.',
    ],
    'recovery-opened': [
      'Somebody asks for your help to recover an account',
      'A new device has asked for the key of a person whose trusted contact you are. {app} shows who it is.',
    ],
    'recovery-alarmed': [
      'Another contact raised the alarm',
      'They say that a request does not come from the person it names. {app} shows whose key it is about.',
    ],
    'recovery-quorum': [
      'Enough contacts agreed to a recovery',
      'A waiting period has begun, in which its owner can stop it. It ends on {until} at the earliest.',
    ],
    'recovery-below-quorum': [
      'Not enough contacts agree to a recovery any more',
      'It still collects answers.',
    ],
    'recovery-releasable': ['The waiting period of a recovery is over'],
    'recovery-contested': [
      'A recovery is contested',
      'Somebody who holds the key has objected. If the person told you by voice that their phone was stolen, say so in {app}.',
    ],
    'recovery-resumed': ['A contested recovery goes on', 'Enough contacts stated that the phone was stolen.'],
    'recovery-restarted': [
      'The waiting period of a recovery begins anew',
      'The service was restored from a backup. To be safe, everything under way waits again in full.',
    ],
    'recovery-released': ['A key was released to the device that asked for it'],
    'recovery-completed': ['A recovery is complete', 'Thank you for being there.'],
    'recovery-vetoed': ['A recovery was stopped', 'There is nothing more for you to do.'],
    'recovery-ended': ['A recovery has ended', 'There is nothing more for you to do.'],
    other: ['There is news from a circle that you belong to', '{app} shows what it is.'],
  },
  advice: {
    stop: [
      'If this is you, there is nothing to do.',
      'If it is not you, you can stop it. Open the page below on a device that holds your key, or keep your printed veto key at hand. The page asks you once more before anything happens.',
    ],
    open: [
      'If this is you, there is nothing to do.',
      'If it is not you, open {app} on a device that holds your key and stop the recovery there.',
    ],
    change: [
      'If this was you, there is nothing to do.',
      'If it was not you, open {app} on a device that holds your key and withdraw it there. Your contacts were told as well.',
    ],
    device: [
      'If this was you, there is nothing to do.',
      'If it was not you, open {app} and remove every device that you do not know.',
    ],
    reach: [
      'If this was you, there is nothing to do.',
      'If it was not you, open {app}, look through your devices, and say again where you want to be told.',
    ],
    late: [
      'If this was you, there is nothing to do.',
      'If it was not you, it can no longer be stopped here. Tell your contacts by voice, and tell the people behind {app}: through its own settings, never through a number or link that somebody sends you.',
    ],
    call: [
      'Before you answer, call the person on a number that you already know, and listen for their voice. A number or link from a message proves nothing. Take the time that you need.',
    ],
  },
  digest: {
    owner: 'News about your account: {count}',
    contact: 'News from circles that you belong to: {count}',
  },
  more: '{app} shows what else there is.',
  happened: 'It happened on {at}.',
  never:
    'Nobody will ever ask you for a key, a share, a password, or for your codes in writing: not {app}, not your contacts, not the service.',
  why: '{app} sends you this because you said that you want to be told here.',
  link: { stop: 'Stop this recovery', app: 'Open {app}' },
}
