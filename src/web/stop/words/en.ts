import type { Words } from './words.ts'

export const en: Words = {
  language: 'en',
  name: 'English',
  dir: 'ltr',
  chooseLanguage: 'Language',
  loading: 'Looking whether this device holds your key …',
  ask: {
    title: 'Stop this recovery?',
    what: 'Somebody has asked for the key of your account. If it is you, leave it as it is.',
    after:
      'If you stop it, nothing is released through this request. Your key and your contacts stay as they are.',
    until: 'If nobody stops it, the key can be released on {until}, not before.',
    byDevice: 'This device holds your key and can sign for you.',
    stop: 'Stop it',
    leave: 'Leave it as it is',
  },
  key: {
    text: 'This browser holds no key of your account. You can stop the recovery with the veto key that you printed.',
    label: 'Veto key',
    hint: '43 letters, digits, - and _. Blanks between them do not matter.',
    wrong: 'This is not a whole veto key. It has 43 characters: please compare it with your print.',
    stays: 'The key stays on this page. Only a signed objection leaves it.',
    without: 'I have no veto key here',
    elsewhere:
      'Open the app on a phone or computer where you are signed in. It holds your key, and you can stop the recovery there.',
  },
  sending: 'Signing here, and sending the objection …',
  results: {
    stopped: [
      'The recovery is stopped',
      'Nothing was released. Your contacts are told.',
      'Whoever asked has to wait before they can ask again. If you think that somebody knows your password or has your SIM card, change them.',
    ],
    contested: [
      'Your objection counts',
      'Nothing is released for now. Your circle follows the rule for stolen phones: your contacts are asked whether your phone was stolen.',
      'If not enough of them say so, the recovery ends. If you hold a printed veto key, that stops it for good.',
    ],
    goesOn: [
      'Your objection came, and the recovery goes on',
      'Enough of your contacts stated that your phone was stolen. The waiting period became longer.',
      'The printed veto key can still stop it.',
    ],
    overruled: [
      'Only the veto key can stop this now',
      'Enough of your contacts stated that your phone was stolen. Hence this device’s key alone is no longer enough.',
    ],
    late: [
      'It was already released',
      'The waiting period had passed, and the device that asked has fetched the key. This page can no longer stop it.',
      'If it was not you: tell your contacts by voice, and tell the people behind your app, through its own settings.',
    ],
    ended: [
      'This recovery has already ended',
      'There is nothing left to stop. If your account was recovered on a device that is not yours, tell your contacts by voice, and the people behind your app.',
    ],
    notYours: [
      'This key is not the one for this recovery',
      'Nothing was changed. Perhaps it belongs to another account, or to a circle that you have replaced since.',
    ],
    left: [
      'Nothing was changed',
      'The recovery goes on. You can come back to this page until the key is released.',
    ],
    broken: ['This link is not whole', 'Please open it from the mail once more, or copy all of it.'],
    failed: [
      'The service could not be reached',
      'Your objection may not have arrived. Trying again does no harm: it counts once.',
    ],
  },
  contestedUntil: 'They can say so until {until}.',
  byKey: 'Stop it with the veto key',
  again: 'Try again',
  open: 'Open {app}',
  never:
    'Nobody will ever ask you to send them a key, a share, a password or a code. This page does not either.',
}
