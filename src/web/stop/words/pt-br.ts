import type { Words } from './words.ts'

export const ptBr: Words = {
  language: 'pt-BR',
  name: 'Português (Brasil)',
  dir: 'ltr',
  chooseLanguage: 'Idioma',
  loading: 'Verificando se este aparelho tem sua chave …',
  ask: {
    title: 'Impedir esta recuperação?',
    what: 'Alguém pediu a chave da sua conta. Se é você, deixe como está.',
    after:
      'Se você impedir, nada é liberado por este pedido. Sua chave e seus contatos continuam como estão.',
    until: 'Se ninguém impedir, a chave pode ser liberada em {until}, não antes.',
    byDevice: 'Este aparelho tem sua chave e pode assinar por você.',
    stop: 'Impedir',
    leave: 'Deixar como está',
  },
  key: {
    text: 'Este navegador não tem nenhuma chave da sua conta. Você pode impedir a recuperação com a chave de veto que imprimiu.',
    label: 'Chave de veto',
    hint: '43 letras, dígitos, - e _. Espaços entre eles não fazem diferença.',
    wrong:
      'Esta não é uma chave de veto completa. Ela tem 43 caracteres: compare com a sua impressão, por favor.',
    stays: 'A chave fica nesta página. Só uma objeção assinada sai dela.',
    without: 'Não tenho uma chave de veto aqui',
    elsewhere:
      'Abra o aplicativo em um telefone ou computador em que você já entrou. Sua chave está lá, e lá você pode impedir a recuperação.',
  },
  sending: 'Assinando aqui e enviando a objeção …',
  results: {
    stopped: [
      'A recuperação foi impedida',
      'Nada foi liberado. Seus contatos são avisados.',
      'Quem pediu tem de esperar antes de poder pedir outra vez. Se você acha que alguém sabe sua senha ou está com seu chip, troque os dois.',
    ],
    contested: [
      'Sua objeção conta',
      'Por enquanto nada é liberado. Seu círculo segue a regra dos telefones roubados: seus contatos são consultados se o seu telefone foi roubado.',
      'Se não houver contatos suficientes que digam isso, a recuperação termina. Uma chave de veto impressa a impede de vez.',
    ],
    goesOn: [
      'Sua objeção chegou, e a recuperação continua',
      'Contatos suficientes declararam que o seu telefone foi roubado. O período de espera ficou mais longo.',
      'A chave de veto impressa ainda pode impedi-la.',
    ],
    overruled: [
      'Agora só a chave de veto pode impedir',
      'Contatos suficientes declararam que o seu telefone foi roubado. Por isso, a chave deste aparelho sozinha já não basta.',
    ],
    late: [
      'A chave já foi liberada',
      'O período de espera tinha passado, e o aparelho que pediu buscou a chave. Esta página já não pode impedir.',
      'Se não foi você: avise seus contatos de viva voz, e avise as pessoas por trás do seu aplicativo, pelas configurações dele.',
    ],
    ended: [
      'Esta recuperação já terminou',
      'Não há mais nada a impedir. Se sua conta foi recuperada em um aparelho que não é seu, avise seus contatos de viva voz, e as pessoas por trás do seu aplicativo.',
    ],
    notYours: [
      'Esta chave não é a desta recuperação',
      'Nada foi alterado. Talvez ela pertença a outra conta, ou a um círculo que você já substituiu.',
    ],
    left: [
      'Nada foi alterado',
      'A recuperação continua. Você pode voltar a esta página até que a chave seja liberada.',
    ],
    broken: [
      'Este link não está completo',
      'Abra-o mais uma vez a partir do e-mail, por favor, ou copie-o por inteiro.',
    ],
    failed: [
      'Não foi possível alcançar o serviço',
      'Talvez sua objeção não tenha chegado. Tentar de novo não faz mal: ela conta uma vez.',
    ],
  },
  contestedUntil: 'Eles podem dizer isso até {until}.',
  byKey: 'Impedir com a chave de veto',
  again: 'Tentar de novo',
  open: 'Abrir {app}',
  never:
    'Ninguém jamais pedirá que você envie uma chave, uma parte, uma senha ou um código. Esta página também não.',
}
