import type { Words } from './words.ts'

export const es: Words = {
  language: 'es',
  name: 'Español',
  dir: 'ltr',
  chooseLanguage: 'Idioma',
  loading: 'Comprobando si este dispositivo tiene su clave …',
  ask: {
    title: '¿Detener esta recuperación?',
    what: 'Alguien ha pedido la clave de su cuenta. Si es usted, déjelo como está.',
    after: 'Si la detiene, no se entrega nada por esta petición. Su clave y sus contactos siguen como están.',
    until: 'Si nadie la detiene, la clave puede entregarse el {until}, no antes.',
    byDevice: 'Este dispositivo tiene su clave y puede firmar por usted.',
    stop: 'Detenerla',
    leave: 'Dejarlo como está',
  },
  key: {
    text: 'Este navegador no tiene ninguna clave de su cuenta. Puede detener la recuperación con la clave de veto que imprimió.',
    label: 'Clave de veto',
    hint: '43 letras, cifras, - y _. Los espacios entre ellas no importan.',
    wrong:
      'Esta no es una clave de veto completa. Tiene 43 caracteres: compárela con su copia impresa, por favor.',
    stays: 'La clave se queda en esta página. Solo sale de ella una oposición firmada.',
    without: 'No tengo aquí una clave de veto',
    elsewhere:
      'Abra la aplicación en un teléfono u ordenador donde tenga la sesión iniciada. Allí está su clave, y allí puede detener la recuperación.',
  },
  sending: 'Firmando aquí y enviando la oposición …',
  results: {
    stopped: [
      'La recuperación está detenida',
      'No se entregó nada. Se avisa a sus contactos.',
      'Quien la pidió tiene que esperar antes de poder pedirla otra vez. Si cree que alguien sabe su contraseña o tiene su tarjeta SIM, cámbielas.',
    ],
    contested: [
      'Su oposición cuenta',
      'Por ahora no se entrega nada. Su círculo sigue la regla de los teléfonos robados: se pregunta a sus contactos si le robaron el teléfono.',
      'Si no lo dicen suficientes de ellos, la recuperación termina. Una clave de veto impresa la detiene del todo.',
    ],
    goesOn: [
      'Su oposición llegó, y la recuperación continúa',
      'Suficientes contactos declararon que le robaron el teléfono. El periodo de espera se alargó.',
      'La clave de veto impresa todavía puede detenerla.',
    ],
    overruled: [
      'Solo la clave de veto puede detenerla ya',
      'Suficientes contactos declararon que le robaron el teléfono. Por eso la clave de este dispositivo ya no basta por sí sola.',
    ],
    late: [
      'Ya se había entregado',
      'El periodo de espera había pasado, y el dispositivo que la pidió ha recogido la clave. Esta página ya no puede detenerlo.',
      'Si no fue usted: dígaselo a sus contactos de viva voz, y a quienes están detrás de su aplicación, desde sus propios ajustes.',
    ],
    ended: [
      'Esta recuperación ya ha terminado',
      'No queda nada que detener. Si su cuenta se recuperó en un dispositivo que no es suyo, dígaselo a sus contactos de viva voz, y a quienes están detrás de su aplicación.',
    ],
    notYours: [
      'Esta clave no es la de esta recuperación',
      'No se cambió nada. Quizá pertenece a otra cuenta, o a un círculo que usted ha sustituido desde entonces.',
    ],
    left: [
      'No se cambió nada',
      'La recuperación continúa. Puede volver a esta página hasta que se entregue la clave.',
    ],
    broken: ['Este enlace no está completo', 'Ábralo otra vez desde el correo, por favor, o cópielo entero.'],
    failed: [
      'No se pudo llegar al servicio',
      'Puede que su oposición no haya llegado. Intentarlo de nuevo no hace daño: cuenta una vez.',
    ],
  },
  contestedUntil: 'Pueden decirlo hasta el {until}.',
  byKey: 'Detenerla con la clave de veto',
  again: 'Intentar de nuevo',
  open: 'Abrir {app}',
  never:
    'Nadie le pedirá nunca que le envíe una clave, una parte, una contraseña o un código. Esta página tampoco.',
}
