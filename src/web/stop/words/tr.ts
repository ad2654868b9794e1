import type { Words } from './words.ts'

export const tr: Words = {
  language: 'tr',
  name: 'Türkçe',
  dir: 'ltr',
  chooseLanguage: 'Dil',
  loading: 'Anahtarınızın bu cihazda olup olmadığına bakılıyor …',
  ask: {
    title: 'Bu kurtarma durdurulsun mu?',
    what: 'Biri hesabınızın anahtarını istedi. Bu sizseniz olduğu gibi bırakın.',
    after:
      'Durdurursanız bu istekle hiçbir şey verilmez. Anahtarınız ve güvendiğiniz kişiler olduğu gibi kalır.',
    until: 'Kimse durdurmazsa anahtar en erken şu anda verilebilir: {until}.',
    byDevice: 'Anahtarınız bu cihazda ve sizin adınıza imzalayabilir.',
    stop: 'Durdur',
    leave: 'Olduğu gibi bırak',
  },
  key: {
    text: 'Bu tarayıcıda hesabınızın anahtarı yok. Kurtarmayı, bastırdığınız veto anahtarıyla durdurabilirsiniz.',
    label: 'Veto anahtarı',
    hint: '43 harf, rakam, - ve _. Aradaki boşlukların önemi yoktur.',
    wrong: 'Bu veto anahtarı tam değil. 43 karakteri vardır: lütfen çıktınızla karşılaştırın.',
    stays: 'Anahtar bu sayfada kalır. Buradan yalnızca imzalı bir itiraz çıkar.',
    without: 'Yanımda veto anahtarı yok',
    elsewhere:
      'Uygulamayı, oturumunuzun açık olduğu bir telefonda veya bilgisayarda açın. Anahtarınız oradadır ve kurtarmayı orada durdurabilirsiniz.',
  },
  sending: 'Burada imzalanıyor ve itiraz gönderiliyor …',
  results: {
    stopped: [
      'Kurtarma durduruldu',
      'Hiçbir şey verilmedi. Güvendiğiniz kişilere haber veriliyor.',
      'İsteyen, yeniden isteyebilmek için beklemek zorunda. Birinin parolanızı bildiğini veya SIM kartınızı aldığını düşünüyorsanız ikisini de değiştirin.',
    ],
    contested: [
      'İtirazınız geçerli',
      'Şimdilik hiçbir şey verilmiyor. Çevreniz çalınan telefonlar kuralına uyuyor: güvendiğiniz kişilere telefonunuzun çalınıp çalınmadığı soruluyor.',
      'Yeterince kişi böyle demezse kurtarma sona erer. Basılı bir veto anahtarı onu kesin olarak durdurur.',
    ],
    goesOn: [
      'İtirazınız ulaştı ve kurtarma sürüyor',
      'Yeterince kişi telefonunuzun çalındığını bildirdi. Bekleme süresi uzadı.',
      'Basılı veto anahtarı onu hâlâ durdurabilir.',
    ],
    overruled: [
      'Artık yalnızca veto anahtarı durdurabilir',
      'Yeterince kişi telefonunuzun çalındığını bildirdi. Bu yüzden bu cihazın anahtarı tek başına yetmiyor.',
    ],
    late: [
      'Anahtar zaten verildi',
      'Bekleme süresi geçmişti ve isteyen cihaz anahtarı aldı. Bu sayfa bunu artık durduramaz.',
      'Siz değilseniz: güvendiğiniz kişilere kendi sesinizle haber verin ve uygulamanızın ekibine, uygulamanın kendi ayarlarından bildirin.',
    ],
    ended: [
      'Bu kurtarma zaten sona erdi',
      'Durdurulacak bir şey kalmadı. Hesabınız size ait olmayan bir cihazda kurtarıldıysa güvendiğiniz kişilere kendi sesinizle, ayrıca uygulamanızın ekibine haber verin.',
    ],
    notYours: [
      'Bu anahtar bu kurtarmaya ait değil',
      'Hiçbir şey değişmedi. Belki başka bir hesaba ya da sonradan değiştirdiğiniz bir çevreye aittir.',
    ],
    left: [
      'Hiçbir şey değişmedi',
      'Kurtarma sürüyor. Anahtar verilene kadar bu sayfaya geri dönebilirsiniz.',
    ],
    broken: ['Bu bağlantı tam değil', 'Lütfen e-postadan bir kez daha açın veya tamamını kopyalayın.'],
    failed: [
      'Hizmete ulaşılamadı',
      'İtirazınız ulaşmamış olabilir. Yeniden denemenin zararı yoktur: bir kez sayılır.',
    ],
  },
  contestedUntil: 'Bunu şu ana kadar söyleyebilirler: {until}.',
  byKey: 'Veto anahtarıyla durdur',
  again: 'Yeniden dene',
  open: '{app} uygulamasını aç',
  never: 'Kimse sizden asla bir anahtar, parça, parola veya kod göndermenizi istemez. Bu sayfa da istemez.',
}
