import type { Texts } from './texts.ts'

const UNTIL = 'Anahtarınız en erken şu anda verilebilir: {until}.'
const CHANGE = '{cool} sonra, yeterince kişi onaylarsa daha erken geçerli olur.'
const END = '{cool} sonra geçerli olur.'

export const tr: Texts = {
  language: 'tr',
  dir: 'ltr',
  owner: {
    'invitation-answered': [
      'Biri davetinizi kabul etti',
      'Kime bir parça emanet edeceğinizi {app} içinde seçersiniz.',
    ],
    'share-accepted': [
      'Güvendiğiniz bir kişi parçasını kabul etti',
      'Kim olduğunu ve kimin yanıtının beklendiğini {app} gösterir.',
    ],
    'share-declined': [
      'Güvendiğiniz bir kişi parçasını kabul etmedi',
      '{app} içinde başka birini seçebilirsiniz.',
    ],
    'change-proposed': [
      'Güvendiğiniz kişilerde bir değişiklik başladı',
      CHANGE,
      'O zamana kadar geri alınabilir.',
    ],
    'deletion-proposed': ['Güvendiğiniz kişiler çevresi sona erecek', END, 'O zamana kadar geri alınabilir.'],
    'change-cancelled': [
      'Çevrenizdeki bir değişiklik geri alındı',
      'Güvendiğiniz kişiler olduğu gibi kaldı.',
    ],
    'change-delayed': [
      'Çevrenizdeki bir değişiklik biraz daha sürecek',
      'Bu arada biri anahtarınızı istedi; değişiklik bunun sonucunu bekliyor.',
    ],
    'epoch-activated': [
      'Güvendiğiniz kişiler belirlendi',
      'Bundan böyle anahtarınızı geri almanıza yardım edebilirler.',
    ],
    'circle-deleted': [
      'Güvendiğiniz kişiler çevresi sona erdi',
      'Yeniden kişi seçene kadar kimse anahtarınızı geri almanıza yardım edemez.',
    ],
    'device-registered': ['Hesabınıza bir cihaz eklendi'],
    'device-revoked': ['Hesabınızdan bir cihaz çıkarıldı'],
    'destinations-changed': [
      'Size nereden haber verileceği değiştirildi',
      'Bu ileti, önceden bilinen ve yeni eklenen her yere gönderildi.',
    ],
    'recovery-opened': [
      'Biri hesabınızı kurtarmak istedi',
      'Yeni bir cihaz anahtarınızı istedi. Güvendiğiniz kişilerin de bundan haberi var.',
      'Yeterince kişi onaylamadan ve ardından {wait} geçmeden hiçbir şey verilmez.',
    ],
    'session-differed': [
      'Sizin adınıza yanlış bir kod söylendi',
      'Anahtarınızı isteyen, güvendiğiniz bir kişiye doğru kodu söyleyemedi. Bir yanlışlık olabilir, bir sahtekâr da olabilir.',
    ],
    'recovery-answered': [
      'Güvendiğiniz bir kişi, anahtarınızla ilgili isteği yanıtladı',
      'Ne dediğini {app} gösterir.',
    ],
    'recovery-alarmed': [
      'Güvendiğiniz bir kişi alarm verdi',
      'Anahtarınızla ilgili isteğin sizden gelmediğini söylüyor.',
      'Bir alarm bekleme süresini bir kez uzatır.',
    ],
    'recovery-quorum': ['Güvendiğiniz kişilerden yeterincesi onayladı', 'Bekleme süresi başladı.', UNTIL],
    'recovery-below-quorum': [
      'Onaylayan kişiler artık yeterli değil',
      'Bekleme süresi durdu. İstek yanıt toplamayı sürdürüyor.',
    ],
    'recovery-half-time': ['Bekleme süresinin yarısı geçti', UNTIL],
    'recovery-day-left': ['Bekleme süresinden bir gün kaldı', UNTIL],
    'recovery-hour-left': ['Bekleme süresinden bir saat kaldı', UNTIL],
    'recovery-releasable': [
      'Bekleme süresi bitti',
      'İsteyen cihaz anahtarınızı alabilir. Almadığı sürece bu hâlâ durdurulabilir.',
    ],
    'recovery-contested': [
      'Hesabınızın kurtarılmasına itiraz edildi',
      'İtiraz sizin anahtarınızla yapıldı. Güvendiğiniz kişilere telefonunuzun çalınıp çalınmadığı soruluyor; bu belli olana kadar hiçbir şey verilmez.',
    ],
    'recovery-resumed': [
      'Hesabınızın kurtarılması sürüyor',
      'Yeterince kişi telefonunuzun çalındığını bildirdi. Bekleme süresi uzadı. Basılı veto anahtarı bunu hâlâ durdurabilir.',
      UNTIL,
    ],
    'recovery-restarted': [
      'Bekleme süresi baştan başlıyor',
      'Hizmet bir yedekten geri yüklendi. Güvenlik için, süren her şey baştan tam olarak bekler.',
      UNTIL,
    ],
    'recovery-released': [
      'Anahtarınız, isteyen cihaza verildi',
      'Bekleme süresi geçmişti ve kimse durdurmamıştı.',
    ],
    'recovery-completed': [
      'Hesabınız başka bir cihazda kurtarıldı',
      'Korunmaya devam etmek için orada güvendiğiniz kişileri yeniden seçin.',
    ],
    'recovery-vetoed': [
      'Anahtarınızla ilgili istek durduruldu',
      'Hiçbir şey verilmedi. İsteyen, yeniden isteyebilmek için beklemek zorunda.',
    ],
    'recovery-ended': ['Anahtarınızla ilgili bir istek sona erdi', 'Artık kullanılamaz.'],
    other: ['Hesabınızla ilgili bir haber var', 'Ne olduğunu {app} gösterir.'],
  },
  contact: {
    'share-offered': [
      'Biri sizi güvendiği kişi olarak seçti',
      'Kim olduğunu {app} gösterir. Kabul edebilir veya etmeyebilirsiniz. Sakladığınız parça mühürlüdür ve tek başına hiçbir şey söylemez.',
    ],
    'change-proposed': [
      'Size güvenen biri çevresini değiştiriyor',
      'Kim olduğunu {app} gösterir.',
      CHANGE,
      'Kişinin bundan haberi yoksa telefonu bir hırsızın elinde olabilir.',
    ],
    'deletion-proposed': [
      'Size güvenen biri çevresini sona erdiriyor',
      'Kim olduğunu {app} gösterir.',
      END,
      'Kişinin bundan haberi yoksa telefonu bir hırsızın elinde olabilir.',
    ],
    'change-cancelled': ['Bir çevredeki değişiklik geri alındı', 'Olduğu gibi kaldı.'],
    'change-delayed': ['Bir çevredeki değişiklik biraz daha sürecek', 'Araya bir kurtarma isteği girdi.'],
    'epoch-activated': [
      'Bir güven çevresi değişti',
      'Bir parçasını saklayıp saklamadığınızı {app} gösterir.',
    ],
    'circle-deleted': ['Bir güven çevresi sona erdi', 'Sakladığınız parça artık kimsenin işine yaramaz.'],
    'recovery-opened': [
      'Biri, bir hesabı kurtarmak için yardımınızı istiyor',
      'Yeni bir cihaz, size güvenen bir kişinin anahtarını istedi. Kim olduğunu {app} gösterir.',
    ],
    'recovery-alarmed': [
      'Başka bir kişi alarm verdi',
      'Bir isteğin, adı geçen kişiden gelmediğini söylüyor. Kimin anahtarı olduğunu {app} gösterir.',
    ],
    'recovery-quorum': [
      'Yeterince kişi bir kurtarmayı onayladı',
      'Kişinin bunu durdurabileceği bir bekleme süresi başladı. En erken şu anda biter: {until}.',
    ],
    'recovery-below-quorum': [
      'Bir kurtarmayı onaylayanlar artık yeterli değil',
      'Yanıt toplamayı sürdürüyor.',
    ],
    'recovery-releasable': ['Bir kurtarmanın bekleme süresi bitti'],
    'recovery-contested': [
      'Bir kurtarmaya itiraz edildi',
      'Anahtarı elinde tutan biri itiraz etti. Kişi size kendi sesiyle telefonunun çalındığını söylediyse, bunu {app} içinde bildirin.',
    ],
    'recovery-resumed': [
      'İtiraz edilen bir kurtarma sürüyor',
      'Yeterince kişi telefonun çalındığını bildirdi.',
    ],
    'recovery-restarted': [
      'Bir kurtarmanın bekleme süresi baştan başlıyor',
      'Hizmet bir yedekten geri yüklendi. Güvenlik için, süren her şey baştan tam olarak bekler.',
    ],
    'recovery-released': ['Bir anahtar, isteyen cihaza verildi'],
    'recovery-completed': ['Bir kurtarma tamamlandı', 'Yanında olduğunuz için teşekkürler.'],
    'recovery-vetoed': ['Bir kurtarma durduruldu', 'Yapmanız gereken başka bir şey yok.'],
    'recovery-ended': ['Bir kurtarma sona erdi', 'Yapmanız gereken başka bir şey yok.'],
    other: ['İçinde bulunduğunuz bir çevreden haber var', 'Ne olduğunu {app} gösterir.'],
  },
  advice: {
    stop: [
      'Bu sizseniz yapılacak bir şey yok.',
      'Siz değilseniz durdurabilirsiniz. Aşağıdaki sayfayı anahtarınızın bulunduğu bir cihazda açın veya basılı veto anahtarınızı yanınızda bulundurun. Sayfa, bir şey olmadan önce size bir kez daha sorar.',
    ],
    open: [
      'Bu sizseniz yapılacak bir şey yok.',
      'Siz değilseniz, {app} uygulamasını anahtarınızın bulunduğu bir cihazda açın ve kurtarmayı orada durdurun.',
    ],
    change: [
      'Bunu siz yaptıysanız yapılacak bir şey yok.',
      'Siz yapmadıysanız, {app} uygulamasını anahtarınızın bulunduğu bir cihazda açın ve orada geri alın. Güvendiğiniz kişilere de haber verildi.',
    ],
    device: [
      'Bunu siz yaptıysanız yapılacak bir şey yok.',
      'Siz yapmadıysanız, {app} uygulamasını açın ve tanımadığınız her cihazı çıkarın.',
    ],
    reach: [
      'Bunu siz yaptıysanız yapılacak bir şey yok.',
      'Siz yapmadıysanız, {app} uygulamasını açın, cihazlarınızı gözden geçirin ve size nereden haber verileceğini yeniden belirtin.',
    ],
    late: [
      'Bunu siz yaptıysanız yapılacak bir şey yok.',
      'Siz yapmadıysanız, artık buradan durdurulamaz. Güvendiğiniz kişilere kendi sesinizle haber verin ve {app} ekibine bildirin: kendi ayarlarından, asla birinin gönderdiği bir numara veya bağlantıdan değil.',
    ],
    call: [
      'Yanıtlamadan önce kişiyi zaten bildiğiniz bir numaradan arayın ve sesini tanıyıp tanımadığınıza dikkat edin. Bir iletideki numara veya bağlantı hiçbir şeyi kanıtlamaz. İhtiyacınız olan zamanı ayırın.',
    ],
  },
  digest: {
    owner: 'Hesabınızla ilgili haberler: {count}',
    contact: 'İçinde bulunduğunuz çevrelerden haberler: {count}',
  },
  more: 'Başka neler olduğunu {app} gösterir.',
  happened: 'Bunun zamanı: {at}.',
  never:
    'Kimse sizden asla bir anahtar, bir parça, bir parola veya yazılı olarak kodlarınızı istemez: ne {app}, ne güvendiğiniz kişiler, ne de hizmet.',
  why: '{app} bunu, buradan haber almak istediğinizi belirttiğiniz için gönderiyor.',
  link: { stop: 'Bu kurtarmayı durdur', app: '{app} uygulamasını aç' },
}
