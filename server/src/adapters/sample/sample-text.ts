/** What the people of the sample write about. None of them exists; all addresses end in `.example` (RFC 2606 §2). */
export type Phrases = {
  readonly language: string
  readonly subjects: readonly string[]
  readonly greetings: readonly string[]
  readonly sentences: readonly string[]
  readonly closings: readonly string[]
}

export const phrases = {
  de: {
    language: 'de',
    subjects: [
      'Termin für die Büroübergabe',
      'Rechnung {n} – Zahlung bis Monatsende',
      'Grundriss und Maße der Küche',
      'Protokoll der Sitzung vom Dienstag',
      'Frage zu Angebot {n}',
      'Schlüssel für die Werkstatt',
      'Fotos vom Wanderwochenende',
      'Änderung der Öffnungszeiten',
    ],
    greetings: ['Guten Tag {name},', 'Liebe Kollegen,', 'Hallo {name},'],
    sentences: [
      'die Unterlagen liegen ab morgen früh am Empfang bereit.',
      'Bitte prüfe noch einmal die Maße, im Plan stehen zwei verschiedene Höhen.',
      'Der Maler kommt am Mittwoch, die Möbel müssen bis dahin aus dem großen Zimmer sein.',
      'Für die Reise habe ich drei Züge herausgesucht, der mittlere ist am günstigsten.',
      'Wir haben uns auf zwölf Stühle und vier Tische geeinigt.',
      'Wenn nichts dazwischenkommt, schicke ich die Übersicht noch diese Woche.',
      'Am Freitag schließen wir früher, weil die Heizung gewartet wird.',
    ],
    closings: ['Viele Grüße', 'Mit freundlichen Grüßen', 'Bis bald'],
  },
  en: {
    language: 'en',
    subjects: [
      'Delivery {n} is on its way',
      'Agenda for Thursday',
      'Draft of the spring catalogue',
      'Your booking {n}',
      'Lunch next week?',
      'Notes from the workshop',
      'Question about the second invoice',
      'Spare keys and alarm code change',
    ],
    greetings: ['Dear {name},', 'Hi {name},', 'Hello all,'],
    sentences: [
      'The printers asked for the final version by noon on Monday.',
      'I moved the two tables to the appendix, so the main part is shorter now.',
      'Could you tell me which of the three colours you prefer?',
      'The train leaves at ten past eight and there is no need to change.',
      'We counted the boxes twice and there are still two missing.',
      'Nothing is urgent here, an answer in the course of the month is fine.',
      'The garden needs some work before the guests arrive.',
    ],
    closings: ['Best wishes', 'Kind regards', 'See you soon'],
  },
  fr: {
    language: 'fr',
    subjects: [
      'Réunion déplacée à jeudi',
      'Devis nº {n} à vérifier',
      'Clés de l’atelier',
      'Été : planning des congés',
      'Compte rendu de la journée',
      'Où déjeuner près de la gare ?',
    ],
    greetings: ['Bonjour {name},', 'Chère {name},', 'Bonjour à tous,'],
    sentences: [
      'Les cartons ont été déposés dans l’entrée, à côté du vélo.',
      'Pourrais-tu relire la deuxième page avant demain soir ?',
      'Le menuisier propose de commencer après la fête du village.',
      'J’ai réservé deux chambres à l’hôtel près du marché.',
      'La facture est prête, il manque seulement la date de livraison.',
      'Nous sommes tombés d’accord sur la couleur des volets.',
    ],
    closings: ['Bien à vous', 'Cordialement', 'À bientôt'],
  },
  es: {
    language: 'es',
    subjects: [
      'Presupuesto {n}',
      'Cambio de horario en otoño',
      '¿Nos vemos el sábado?',
      'Fotografías de la señalización',
    ],
    greetings: ['Hola, {name}:', 'Buenos días:'],
    sentences: [
      'El camión llegará mañana por la tarde, después de las cuatro.',
      'He añadido una columna con los precios del año pasado.',
      'Falta por decidir quién recoge las llaves.',
      'La exposición abre el día quince y cierra en otoño.',
    ],
    closings: ['Un saludo', 'Hasta pronto'],
  },
  ja: {
    language: 'ja',
    subjects: ['会議の日程について', '見積書 {n} の確認', '出張の写真'],
    greetings: ['{name} 様'],
    sentences: [
      '来週の会議は水曜日の午後三時からに変わりました。',
      '資料は二部印刷して、受付に置いてあります。',
      '荷物は金曜日までに届く予定です。',
      '写真を何枚か送りますので、選んでください。',
    ],
    closings: ['よろしくお願いいたします。'],
  },
  pl: {
    language: 'pl',
    subjects: ['Faktura {n} za październik', 'Spotkanie w środę', 'Zdjęcia z wycieczki'],
    greetings: ['Dzień dobry,', 'Cześć {name},'],
    sentences: [
      'Przesyłka powinna dotrzeć jutro przed południem.',
      'Proszę o sprawdzenie wymiarów na drugiej stronie.',
      'Wszystkie krzesła stoją już w dużej sali.',
    ],
    closings: ['Pozdrawiam', 'Do zobaczenia'],
  },
} as const satisfies Record<string, Phrases>
export type Language = keyof typeof phrases

// biome-ignore format: a list of words
export const givenNames = [
  'Annika', 'Bastien', 'Cécile', 'Dariusz', 'Elif', 'Frøydis', 'Günther', 'Hana', 'Íñigo', 'Jörg', 'Katarzyna', 'Léo', 'Márta',
  'Noël', 'Ömer', 'Pía', 'Rhys', 'Søren', 'Tomáš', 'Ülle', 'Vesna', 'Wanda', 'Ximena', 'Yūko', 'Zoë',
] as const
// biome-ignore format: a list of words
export const familyNames = [
  'Ahornbach', 'Brückenfeld', 'Castelnuit', 'Dąbrowiec', 'Eichgrübel', 'Fontclaire', 'Grønnevang', 'Hügelsang', 'Ivančík',
  'Jasminova', 'Königstal', 'Lindquell', 'Mühlgrund', 'Nádasföld', 'Øvrebakk', 'Pinheiral', 'Querfurten', 'Rosenpfad',
  'Sládkovice', 'Tannenrück', 'Uferwald', 'Valdeolmos', 'Wiesenthau', 'Yamakawa', 'Zürnfels',
] as const
export const companies = [
  { name: 'Schreinerei Nordlicht', domain: 'nordlicht.example' },
  { name: 'Atelier du Quai', domain: 'atelier-du-quai.example' },
  { name: 'Harbour Print Works', domain: 'harbourprint.example' },
  { name: 'Spedition Rückenwind GmbH', domain: 'rueckenwind.example' },
  { name: 'Papelería Sol y Sombra', domain: 'solysombra.example' },
  { name: '青空旅行社', domain: 'aozora-travel.example' },
  { name: 'Biuro Zielony Most', domain: 'zielonymost.example' },
] as const
export const places = [
  'Besprechungsraum Süd',
  'Café am Fluss',
  'Salle 2',
  'Online',
  'Werkstatt',
  '東京駅',
  'Gare, quai B',
] as const
