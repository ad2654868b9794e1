import type { Texts } from './texts.ts'

const UNTIL = 'Su clave puede entregarse el {until}, no antes.'
const CHANGE = 'Tendrá efecto después de {cool}, o antes si suficientes contactos lo aceptan.'
const END = 'Tendrá efecto después de {cool}.'

export const es: Texts = {
  language: 'es',
  dir: 'ltr',
  owner: {
    'invitation-answered': ['Alguien aceptó su invitación', 'En {app} usted elige a quién confía una parte.'],
    'share-accepted': [
      'Un contacto de confianza aceptó su parte',
      '{app} muestra quién fue y quién falta por responder.',
    ],
    'share-declined': ['Un contacto de confianza rechazó su parte', 'En {app} puede elegir a otra persona.'],
    'change-proposed': [
      'Ha empezado un cambio de sus contactos de confianza',
      CHANGE,
      'Hasta entonces se puede retirar.',
    ],
    'deletion-proposed': [
      'Su círculo de contactos de confianza va a terminar',
      END,
      'Hasta entonces se puede retirar.',
    ],
    'change-cancelled': [
      'Se retiró un cambio de su círculo',
      'Sus contactos de confianza siguen como estaban.',
    ],
    'change-delayed': [
      'Un cambio de su círculo tarda un poco más',
      'Entretanto alguien ha pedido su clave, y el cambio espera a ver qué resulta de ello.',
    ],
    'epoch-activated': [
      'Sus contactos de confianza están listos',
      'A partir de ahora pueden ayudarle a recuperar su clave.',
    ],
    'circle-deleted': [
      'Su círculo de contactos de confianza ha terminado',
      'Nadie puede ayudarle a recuperar su clave hasta que vuelva a elegir contactos.',
    ],
    'device-registered': ['Se añadió un dispositivo a su cuenta'],
    'device-revoked': ['Se quitó un dispositivo de su cuenta'],
    'destinations-changed': [
      'Se cambió dónde recibe usted los avisos',
      'Este mensaje fue a todos los lugares que se conocían antes y a los nuevos.',
    ],
    'recovery-opened': [
      'Alguien pidió recuperar su cuenta',
      'Un dispositivo nuevo ha pedido su clave. Sus contactos de confianza también lo saben.',
      'No se entrega nada antes de que suficientes de ellos lo acepten y pasen después {wait}.',
    ],
    'session-differed': [
      'Se dio un código equivocado en su nombre',
      'Quien pidió su clave no pudo dar el código correcto a un contacto de confianza. Puede ser un descuido, o un impostor.',
    ],
    'recovery-answered': [
      'Un contacto de confianza respondió a la petición de su clave',
      '{app} muestra qué dijo.',
    ],
    'recovery-alarmed': [
      'Un contacto de confianza dio la alarma',
      'Dice que la petición de su clave no viene de usted.',
      'Una alarma alarga el periodo de espera, una sola vez.',
    ],
    'recovery-quorum': [
      'Suficientes contactos de confianza lo aceptaron',
      'Ha empezado el periodo de espera.',
      UNTIL,
    ],
    'recovery-below-quorum': [
      'Ya no hay suficientes contactos que lo acepten',
      'El periodo de espera se ha detenido. La petición sigue reuniendo respuestas.',
    ],
    'recovery-half-time': ['Ha pasado la mitad del periodo de espera', UNTIL],
    'recovery-day-left': ['Queda un día del periodo de espera', UNTIL],
    'recovery-hour-left': ['Queda una hora del periodo de espera', UNTIL],
    'recovery-releasable': [
      'El periodo de espera ha terminado',
      'El dispositivo que la pidió puede recoger su clave. Mientras no lo haya hecho, todavía se puede detener.',
    ],
    'recovery-contested': [
      'La recuperación de su cuenta está en disputa',
      'Alguien se opuso con su clave. Se pregunta a sus contactos si le robaron el teléfono, y hasta que eso esté claro no se entrega nada.',
    ],
    'recovery-resumed': [
      'La recuperación de su cuenta continúa',
      'Suficientes contactos declararon que le robaron el teléfono. El periodo de espera se alargó. La clave de veto impresa todavía puede detenerla.',
      UNTIL,
    ],
    'recovery-restarted': [
      'El periodo de espera empieza de nuevo',
      'El servicio se restauró desde una copia de seguridad. Por seguridad, todo lo que estaba en curso vuelve a esperar por completo.',
      UNTIL,
    ],
    'recovery-released': [
      'Su clave se entregó al dispositivo que la pidió',
      'El periodo de espera había pasado y nadie la había detenido.',
    ],
    'recovery-completed': [
      'Su cuenta se recuperó en otro dispositivo',
      'Elija allí de nuevo a sus contactos de confianza, para seguir protegido.',
    ],
    'recovery-vetoed': [
      'Se detuvo la petición de su clave',
      'No se entregó nada. Quien la pidió tiene que esperar antes de poder pedirla otra vez.',
    ],
    'recovery-ended': ['Una petición de su clave ha terminado', 'Ya no se puede usar.'],
    other: ['Hay novedades sobre su cuenta', '{app} muestra de qué se trata.'],
  },
  contact: {
    'share-offered': [
      'Alguien le eligió como contacto de confianza',
      '{app} muestra quién es. Puede aceptar o rechazar. Lo que usted guarda está sellado y por sí solo no dice nada.',
    ],
    'change-proposed': [
      'Alguien de quien usted es contacto de confianza cambia su círculo',
      '{app} muestra quién es.',
      CHANGE,
      'Si esa persona no sabe nada de ello, un ladrón puede tener su teléfono.',
    ],
    'deletion-proposed': [
      'Alguien de quien usted es contacto de confianza termina su círculo',
      '{app} muestra quién es.',
      END,
      'Si esa persona no sabe nada de ello, un ladrón puede tener su teléfono.',
    ],
    'change-cancelled': ['Se retiró un cambio de un círculo', 'Sigue como estaba.'],
    'change-delayed': [
      'Un cambio de un círculo tarda un poco más',
      'Entretanto llegó una petición de recuperación.',
    ],
    'epoch-activated': [
      'Un círculo de contactos de confianza ha cambiado',
      '{app} muestra si usted guarda una parte.',
    ],
    'circle-deleted': [
      'Un círculo de contactos de confianza ha terminado',
      'La parte que usted guardaba ya no le sirve a nadie.',
    ],
    'recovery-opened': [
      'Alguien pide su ayuda para recuperar una cuenta',
      'Un dispositivo nuevo ha pedido la clave de una persona de la que usted es contacto de confianza. {app} muestra quién es.',
    ],
    'recovery-alarmed': [
      'Otro contacto dio la alarma',
      'Dice que una petición no viene de la persona que nombra. {app} muestra de quién es la clave.',
    ],
    'recovery-quorum': [
      'Suficientes contactos aceptaron una recuperación',
      'Ha empezado un periodo de espera en el que la persona puede detenerla. Termina como pronto el {until}.',
    ],
    'recovery-below-quorum': [
      'Ya no hay suficientes contactos que acepten una recuperación',
      'Sigue reuniendo respuestas.',
    ],
    'recovery-releasable': ['El periodo de espera de una recuperación ha terminado'],
    'recovery-contested': [
      'Una recuperación está en disputa',
      'Alguien que tiene la clave se ha opuesto. Si la persona le dijo de viva voz que le robaron el teléfono, indíquelo en {app}.',
    ],
    'recovery-resumed': [
      'Una recuperación en disputa continúa',
      'Suficientes contactos declararon que el teléfono fue robado.',
    ],
    'recovery-restarted': [
      'El periodo de espera de una recuperación empieza de nuevo',
      'El servicio se restauró desde una copia de seguridad. Por seguridad, todo lo que estaba en curso vuelve a esperar por completo.',
    ],
    'recovery-released': ['Se entregó una clave al dispositivo que la pidió'],
    'recovery-completed': ['Una recuperación ha concluido', 'Gracias por estar ahí.'],
    'recovery-vetoed': ['Se detuvo una recuperación', 'No tiene que hacer nada más.'],
    'recovery-ended': ['Una recuperación ha terminado', 'No tiene que hacer nada más.'],
    other: ['Hay novedades de un círculo al que usted pertenece', '{app} muestra de qué se trata.'],
  },
  advice: {
    stop: [
      'Si es usted, no hay nada que hacer.',
      'Si no es usted, puede detenerlo. Abra la página de abajo en un dispositivo que tenga su clave, o tenga a mano su clave de veto impresa. La página le pregunta una vez más antes de que pase nada.',
    ],
    open: [
      'Si es usted, no hay nada que hacer.',
      'Si no es usted, abra {app} en un dispositivo que tenga su clave y detenga allí la recuperación.',
    ],
    change: [
      'Si fue usted, no hay nada que hacer.',
      'Si no fue usted, abra {app} en un dispositivo que tenga su clave y retírelo allí. Sus contactos también han sido avisados.',
    ],
    device: [
      'Si fue usted, no hay nada que hacer.',
      'Si no fue usted, abra {app} y quite todo dispositivo que no conozca.',
    ],
    reach: [
      'Si fue usted, no hay nada que hacer.',
      'Si no fue usted, abra {app}, revise sus dispositivos e indique de nuevo dónde quiere recibir los avisos.',
    ],
    late: [
      'Si fue usted, no hay nada que hacer.',
      'Si no fue usted, aquí ya no se puede detener. Dígaselo a sus contactos de viva voz, y a quienes están detrás de {app}: desde sus propios ajustes, nunca por un número o un enlace que alguien le envíe.',
    ],
    call: [
      'Antes de responder, llame a la persona a un número que usted ya conozca y fíjese en si es su voz. Un número o un enlace de un mensaje no prueba nada. Tómese el tiempo que necesite.',
    ],
  },
  digest: {
    owner: 'Novedades sobre su cuenta: {count}',
    contact: 'Novedades de círculos a los que usted pertenece: {count}',
  },
  more: '{app} muestra qué más hay.',
  happened: 'Ocurrió el {at}.',
  never:
    'Nadie le pedirá nunca una clave, una parte, una contraseña ni sus códigos por escrito: ni {app}, ni sus contactos, ni el servicio.',
  why: '{app} le envía esto porque usted indicó que quiere recibir los avisos aquí.',
  link: { stop: 'Detener esta recuperación', app: 'Abrir {app}' },
}
