import type { Texts } from './texts.ts'

const UNTIL = 'Sua chave pode ser liberada em {until}, não antes.'
const CHANGE = 'Ela passa a valer depois de {cool}, ou antes, se contatos suficientes concordarem.'
const END = 'Isso passa a valer depois de {cool}.'

export const ptBr: Texts = {
  language: 'pt-BR',
  dir: 'ltr',
  owner: {
    'invitation-answered': ['Alguém aceitou seu convite', 'Em {app} você escolhe a quem confia uma parte.'],
    'share-accepted': [
      'Um contato de confiança aceitou a parte dele',
      '{app} mostra quem foi e quem ainda falta responder.',
    ],
    'share-declined': [
      'Um contato de confiança recusou a parte dele',
      'Em {app} você pode escolher outra pessoa.',
    ],
    'change-proposed': [
      'Começou uma mudança dos seus contatos de confiança',
      CHANGE,
      'Até lá, ela pode ser retirada.',
    ],
    'deletion-proposed': [
      'Seu círculo de contatos de confiança vai terminar',
      END,
      'Até lá, isso pode ser retirado.',
    ],
    'change-cancelled': [
      'Uma mudança do seu círculo foi retirada',
      'Seus contatos de confiança continuam como estavam.',
    ],
    'change-delayed': [
      'Uma mudança do seu círculo leva um pouco mais de tempo',
      'Enquanto isso, alguém pediu sua chave, e a mudança espera para ver no que dá.',
    ],
    'epoch-activated': [
      'Seus contatos de confiança estão definidos',
      'A partir de agora, eles podem ajudar você a recuperar sua chave.',
    ],
    'circle-deleted': [
      'Seu círculo de contatos de confiança terminou',
      'Ninguém pode ajudar você a recuperar sua chave até que você escolha contatos de novo.',
    ],
    'device-registered': ['Um aparelho foi adicionado à sua conta'],
    'device-revoked': ['Um aparelho foi removido da sua conta'],
    'destinations-changed': [
      'Mudou o lugar onde você recebe avisos',
      'Esta mensagem foi para todos os lugares conhecidos antes e para os novos.',
    ],
    'recovery-opened': [
      'Alguém pediu para recuperar sua conta',
      'Um aparelho novo pediu sua chave. Seus contatos de confiança também sabem disso.',
      'Nada é liberado antes que um número suficiente deles concorde e, depois disso, passem {wait}.',
    ],
    'session-differed': [
      'Um código errado foi dado em seu nome',
      'Quem pediu sua chave não soube dar o código certo a um contato de confiança. Pode ser um descuido, ou um impostor.',
    ],
    'recovery-answered': [
      'Um contato de confiança respondeu ao pedido da sua chave',
      '{app} mostra o que ele disse.',
    ],
    'recovery-alarmed': [
      'Um contato de confiança deu o alarme',
      'Ele diz que o pedido da sua chave não vem de você.',
      'Um alarme prolonga o período de espera, uma única vez.',
    ],
    'recovery-quorum': [
      'Contatos de confiança suficientes concordaram',
      'O período de espera começou.',
      UNTIL,
    ],
    'recovery-below-quorum': [
      'Já não há contatos suficientes que concordem',
      'O período de espera parou. O pedido continua reunindo respostas.',
    ],
    'recovery-half-time': ['Passou metade do período de espera', UNTIL],
    'recovery-day-left': ['Falta um dia do período de espera', UNTIL],
    'recovery-hour-left': ['Falta uma hora do período de espera', UNTIL],
    'recovery-releasable': [
      'O período de espera terminou',
      'O aparelho que pediu pode buscar sua chave. Enquanto não buscar, isso ainda pode ser impedido.',
    ],
    'recovery-contested': [
      'A recuperação da sua conta está em disputa',
      'Houve uma objeção feita com a sua chave. Seus contatos são consultados se o seu telefone foi roubado e, até isso ficar claro, nada é liberado.',
    ],
    'recovery-resumed': [
      'A recuperação da sua conta continua',
      'Contatos suficientes declararam que o seu telefone foi roubado. O período de espera ficou mais longo. A chave de veto impressa ainda pode impedi-la.',
      UNTIL,
    ],
    'recovery-restarted': [
      'O período de espera recomeça',
      'O serviço foi restaurado de um backup. Por segurança, tudo o que estava em andamento espera de novo por inteiro.',
      UNTIL,
    ],
    'recovery-released': [
      'Sua chave foi liberada para o aparelho que pediu',
      'O período de espera tinha passado e ninguém a tinha impedido.',
    ],
    'recovery-completed': [
      'Sua conta foi recuperada em outro aparelho',
      'Escolha ali seus contatos de confiança de novo, para continuar protegido.',
    ],
    'recovery-vetoed': [
      'O pedido da sua chave foi impedido',
      'Nada foi liberado. Quem pediu tem de esperar antes de poder pedir outra vez.',
    ],
    'recovery-ended': ['Um pedido da sua chave terminou', 'Ele já não pode ser usado.'],
    other: ['Há novidades sobre sua conta', '{app} mostra o que é.'],
  },
  contact: {
    'share-offered': [
      'Alguém escolheu você como contato de confiança',
      '{app} mostra quem é. Você pode aceitar ou recusar. O que você guarda é lacrado e sozinho não diz nada.',
    ],
    'change-proposed': [
      'Alguém de quem você é contato de confiança muda o próprio círculo',
      '{app} mostra quem é.',
      CHANGE,
      'Se a pessoa não sabe de nada, um ladrão pode estar com o telefone dela.',
    ],
    'deletion-proposed': [
      'Alguém de quem você é contato de confiança encerra o próprio círculo',
      '{app} mostra quem é.',
      END,
      'Se a pessoa não sabe de nada, um ladrão pode estar com o telefone dela.',
    ],
    'change-cancelled': ['Uma mudança de um círculo foi retirada', 'Ele continua como estava.'],
    'change-delayed': [
      'Uma mudança de um círculo leva um pouco mais de tempo',
      'Enquanto isso, chegou um pedido de recuperação.',
    ],
    'epoch-activated': [
      'Um círculo de contatos de confiança mudou',
      '{app} mostra se você guarda uma parte dele.',
    ],
    'circle-deleted': [
      'Um círculo de contatos de confiança terminou',
      'A parte que você guardava já não serve a ninguém.',
    ],
    'recovery-opened': [
      'Alguém pede sua ajuda para recuperar uma conta',
      'Um aparelho novo pediu a chave de uma pessoa de quem você é contato de confiança. {app} mostra quem é.',
    ],
    'recovery-alarmed': [
      'Outro contato deu o alarme',
      'Ele diz que um pedido não vem da pessoa que ele indica. {app} mostra de quem é a chave.',
    ],
    'recovery-quorum': [
      'Contatos suficientes concordaram com uma recuperação',
      'Começou um período de espera em que a pessoa pode impedi-la. Ele termina, no mínimo, em {until}.',
    ],
    'recovery-below-quorum': [
      'Já não há contatos suficientes a favor de uma recuperação',
      'Ela continua reunindo respostas.',
    ],
    'recovery-releasable': ['O período de espera de uma recuperação terminou'],
    'recovery-contested': [
      'Uma recuperação está em disputa',
      'Alguém que tem a chave fez uma objeção. Se a pessoa disse a você, de viva voz, que o telefone foi roubado, informe isso em {app}.',
    ],
    'recovery-resumed': [
      'Uma recuperação em disputa continua',
      'Contatos suficientes declararam que o telefone foi roubado.',
    ],
    'recovery-restarted': [
      'O período de espera de uma recuperação recomeça',
      'O serviço foi restaurado de um backup. Por segurança, tudo o que estava em andamento espera de novo por inteiro.',
    ],
    'recovery-released': ['Uma chave foi liberada para o aparelho que a pediu'],
    'recovery-completed': ['Uma recuperação foi concluída', 'Obrigado por estar presente.'],
    'recovery-vetoed': ['Uma recuperação foi impedida', 'Você não precisa fazer mais nada.'],
    'recovery-ended': ['Uma recuperação terminou', 'Você não precisa fazer mais nada.'],
    other: ['Há novidades de um círculo de que você faz parte', '{app} mostra o que é.'],
  },
  advice: {
    stop: [
      'Se é você, não há nada a fazer.',
      'Se não é você, pode impedir. Abra a página abaixo em um aparelho que tenha sua chave, ou tenha à mão sua chave de veto impressa. A página pergunta mais uma vez antes que qualquer coisa aconteça.',
    ],
    open: [
      'Se é você, não há nada a fazer.',
      'Se não é você, abra {app} em um aparelho que tenha sua chave e impeça a recuperação ali.',
    ],
    change: [
      'Se foi você, não há nada a fazer.',
      'Se não foi você, abra {app} em um aparelho que tenha sua chave e retire isso ali. Seus contatos também foram avisados.',
    ],
    device: [
      'Se foi você, não há nada a fazer.',
      'Se não foi você, abra {app} e remova todo aparelho que você não conhece.',
    ],
    reach: [
      'Se foi você, não há nada a fazer.',
      'Se não foi você, abra {app}, confira seus aparelhos e indique de novo onde quer receber avisos.',
    ],
    late: [
      'Se foi você, não há nada a fazer.',
      'Se não foi você, aqui já não é possível impedir. Avise seus contatos de viva voz, e avise as pessoas por trás de {app}: pelas configurações do próprio aplicativo, nunca por um número ou link que alguém envie a você.',
    ],
    call: [
      'Antes de responder, ligue para a pessoa em um número que você já conhece e preste atenção à voz dela. Um número ou link de uma mensagem não prova nada. Leve o tempo que precisar.',
    ],
  },
  digest: {
    owner: 'Novidades sobre sua conta: {count}',
    contact: 'Novidades de círculos de que você faz parte: {count}',
  },
  more: '{app} mostra o que mais há.',
  happened: 'Isso foi em {at}.',
  never:
    'Ninguém jamais pedirá a você uma chave, uma parte, uma senha ou seus códigos por escrito: nem {app}, nem seus contatos, nem o serviço.',
  why: '{app} envia isto porque você indicou que quer receber avisos aqui.',
  link: { stop: 'Impedir esta recuperação', app: 'Abrir {app}' },
}
