//! The help texts and the errors of the call in Indonesian: the English ones stand at the options, in `args`.

use clap::builder::{Str, StyledStr};
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, Command};
use layak::Lang;

#[cfg(test)]
mod tests;

/// The call as it is described in a language.
pub(crate) fn in_language(mut command: Command, lang: Lang) -> Command {
    if lang == Lang::Id {
        // So that the help of clap itself is there to be translated.
        command.build();
        command = indonesian(command);
    }
    command
}

/// INVARIANT: it recurses as deep as there are commands within commands, which is once.
fn indonesian(command: Command) -> Command {
    let about = command.get_about().map(translated);
    let after = command.get_after_help().map(translated);
    let long_after = command.get_after_long_help().map(translated);
    let mut command = command
        .mut_args(argument)
        .mut_subcommands(indonesian)
        .subcommand_help_heading("Perintah")
        .subcommand_value_name("PERINTAH")
        .help_template("{about-with-newline}\nPenggunaan: {usage}\n\n{all-args}{after-help}");
    if let Some(about) = about {
        command = command.about(about.clone()).long_about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    if let Some(after) = long_after {
        command = command.after_long_help(after);
    }
    let usage = command.render_usage().to_string();
    let usage = usage
        .strip_prefix("Usage: ")
        .unwrap_or(&usage)
        .replace("[OPTIONS]", "[OPSI]")
        .replace("[COMMAND]", "[PERINTAH]");
    command.override_usage(usage)
}

fn argument(argument: Arg) -> Arg {
    let mut help = argument.get_help().map(|help| text(&help.to_string())).unwrap_or_default();
    let mut long = argument.get_long_help().map_or_else(|| help.clone(), |help| text(&help.to_string()));
    // What clap appends itself is in English.
    let defaults: Vec<_> = argument.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    let flag = !argument.get_action().takes_values();
    if !defaults.is_empty() && !flag {
        let told = format!(" [bawaan: {}]", defaults.join(", "));
        help.push_str(&told);
        long.push_str(&told);
    }
    let values = if flag { Vec::new() } else { argument.get_possible_values() };
    if !values.is_empty() {
        let names: Vec<&str> = values.iter().map(|v| v.get_name()).collect();
        help.push_str(&format!(" [nilai: {}]", names.join(", ")));
        long.push_str("\n\nNilai yang mungkin:");
        for value in &values {
            let about = value.get_help().map(|help| text(&help.to_string())).unwrap_or_default();
            long.push_str(&format!("\n- {}: {about}", value.get_name()));
        }
    }
    let names = argument.get_value_names().unwrap_or_default().iter();
    let names: Vec<Str> = names.map(|name| indonesian_of(name).map_or_else(|| name.clone(), Str::from)).collect();
    let heading = if argument.is_positional() { "Argumen" } else { "Opsi" };
    let mut argument =
        argument.help(help).long_help(long).hide_default_value(true).hide_possible_values(true).help_heading(heading);
    if !names.is_empty() && !flag {
        argument = argument.value_names(names);
    }
    argument
}

fn translated(english: &StyledStr) -> String {
    text(&english.to_string())
}

/// The Indonesian of a help text; itself where there is none.
fn text(english: &str) -> String {
    indonesian_of(english).unwrap_or(english).to_owned()
}

fn indonesian_of(english: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(en, _)| *en == english).map(|(_, id)| *id)
}

/// What a wrong call is told, without the trailing line end.
pub(crate) fn told(error: &Error, lang: Lang) -> String {
    let english = error.render().to_string().trim_end().to_owned();
    let part = |kind: ContextKind| error.get(kind).map(shown);
    let (of, value) = (part(ContextKind::InvalidArg).unwrap_or_default(), part(ContextKind::InvalidValue));
    if lang != Lang::Id {
        return english;
    }
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("tidak ada opsi `{of}`"),
        ErrorKind::InvalidSubcommand => {
            format!("tidak ada perintah `{}`", part(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingSubcommand => {
            format!("perintah belum disebut: {}", part(ContextKind::ValidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("kurang: {of}"),
        ErrorKind::InvalidValue if value.as_deref().is_none_or(str::is_empty) => {
            format!("`{of}` menghendaki sebuah nilai")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("`{}` bukan nilai untuk `{of}`", value.unwrap_or_default())
        }
        ErrorKind::ArgumentConflict => format!("`{of}` tidak dapat dipakai di sini"),
        // The help itself, and what cannot be typed.
        _ => return english,
    };
    let mut out = format!("galat: {what}");
    if let Some(values) = part(ContextKind::ValidValue) {
        out.push_str(&format!("\n\n  nilai yang mungkin: {values}"));
    }
    let nearest = part(ContextKind::SuggestedArg).or_else(|| part(ContextKind::SuggestedSubcommand));
    if let Some(nearest) = nearest.or_else(|| part(ContextKind::SuggestedValue)) {
        out.push_str(&format!("\n\n  yang mirip: {nearest}"));
    }
    out.push_str("\n\nLihat `--help` untuk cara memakainya.");
    out
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(list) => list.join(", "),
        other => other.to_string(),
    }
}

/// English and Indonesian. A text that stands in `args` and not here is found by a test.
const TEXTS: &[(&str, &str)] = &[
    (
        "Decides who is eligible for social assistance, by rules that read like the regulation",
        "Menentukan siapa yang berhak atas bantuan sosial, menurut aturan yang terbaca seperti peraturannya",
    ),
    (
        "Language of messages and texts: `id` or `en` [default: that of the environment]",
        "Bahasa pesan dan teks: `id` atau `en` [bawaan: bahasa lingkungan]",
    ),
    ("Print help", "Tampilkan bantuan"),
    ("Print help (see more with '--help')", "Tampilkan bantuan (lebih lengkap dengan '--help')"),
    ("Print help (see a summary with '-h')", "Tampilkan bantuan (ringkas dengan '-h')"),
    ("Print version", "Tampilkan versi"),
    (
        "Print this message or the help of the given subcommand(s)",
        "Tampilkan bantuan ini, atau bantuan sebuah perintah",
    ),
    (
        "Checks rules: every finding at once, with its place, the reason and a way out",
        "Memeriksa aturan: semua temuan sekaligus, dengan tempat, sebab, dan jalan keluarnya",
    ),
    ("Decides each household of a file of facts", "Memutuskan setiap keluarga dalam berkas fakta"),
    ("Shows the reasoning for one household", "Menunjukkan penalaran untuk satu keluarga"),
    (
        "Asks about one household, one question at a time, and only what can still matter",
        "Bertanya tentang satu keluarga, satu pertanyaan setiap kali, dan hanya yang masih dapat berarti",
    ),
    (
        "Runs the tests and properties in the rule files, and the worked cases beside them",
        "Menjalankan uji dan sifat dalam berkas aturan, serta kasus di sampingnya",
    ),
    ("Draws what rests on what", "Menggambar apa bersandar pada apa"),
    (
        "Lays out rule files: blanks and columns; words, comments and line breaks stay",
        "Menata berkas aturan: spasi dan kolom; kata, komentar, dan pergantian baris tetap",
    ),
    (
        "Tells what changed in meaning between two rulesets",
        "Memberitahu apa yang berubah maknanya antara dua kumpulan aturan",
    ),
    (
        "JSON Schema (2020-12) of the facts, the decisions and the records of these",
        "JSON Schema (2020-12) untuk fakta, keputusan, dan rekamannya",
    ),
    (
        "Shows what a finding means, with an example and the way out",
        "Menunjukkan arti sebuah temuan, dengan contoh dan jalan keluarnya",
    ),
    (
        "A rule file (with all that it uses) or a folder of rule files",
        "Berkas aturan (dengan semua yang dipakainya) atau folder berkas aturan",
    ),
    (
        "Lay the acts of this file over the rules, for this call alone; may be given several times",
        "Terapkan perubahan dalam berkas ini di atas aturan, untuk panggilan ini saja; boleh diberikan beberapa kali",
    ),
    ("How findings are written", "Bentuk penulisan temuan"),
    (
        "How decisions are written [default: table on a terminal, else jsonl]",
        "Bentuk penulisan keputusan [bawaan: table pada terminal, selain itu jsonl]",
    ),
    ("How results are written", "Bentuk penulisan hasil"),
    ("How it is written", "Bentuk penulisannya"),
    ("Whom it is for", "Untuk siapa"),
    ("READER", "PEMBACA"),
    (
        "A letter: what was decided, why, what to do next, where to object",
        "Surat: apa yang diputuskan, mengapa, apa langkah berikutnya, di mana mengajukan keberatan",
    ),
    ("What decided, down to facts and parameters", "Yang memutuskan, sampai ke fakta dan parameter"),
    ("The record to be kept", "Rekaman untuk disimpan"),
    ("For people: the reasoning, what is below it indented", "Untuk dibaca orang: alasan, yang di bawahnya menjorok"),
    ("For people: what --for asks for", "Untuk dibaca orang: sesuai --for"),
    ("One page that needs nothing beside it", "Satu halaman yang tidak memerlukan apa pun di sampingnya"),
    (
        "How differences are written; json is one object a line",
        "Bentuk penulisan perbedaan; json berarti satu objek per baris",
    ),
    ("How it is drawn [default: dot; of exceptions, text]", "Bentuk gambarnya [bawaan: dot; untuk pengecualian, text]"),
    ("For people", "Untuk dibaca orang"),
    ("For people: a line for each programme", "Untuk dibaca orang: satu baris per program"),
    ("For people: of exceptions alone", "Untuk dibaca orang: hanya untuk pengecualian"),
    ("One object a line", "Satu objek per baris"),
    ("One object", "Satu objek"),
    ("One list", "Satu daftar"),
    ("One decision a line", "Satu keputusan per baris"),
    ("One row for each programme and member", "Satu baris per program dan anggota"),
    ("Graphviz", "Graphviz"),
    ("Mermaid, for Markdown", "Mermaid, untuk Markdown"),
    ("A picture", "Gambar"),
    ("Nodes and edges; of exceptions, one object a line", "Simpul dan garis; untuk pengecualian, satu objek per baris"),
    ("The date that the decision is for [default: today]", "Tanggal keputusan [bawaan: hari ini]"),
    ("The date that households are decided for [default: today]", "Tanggal keputusan bagi keluarga [bawaan: hari ini]"),
    (
        "The date whose knowledge of the law is used [default: that of --as-of]",
        "Tanggal pengetahuan hukum yang dipakai [bawaan: tanggal --as-of]",
    ),
    (
        "Households: `.parquet`, `.arrow`, `.jsonl`, `.json` (one or a list), `.csv`, the texts also as `.gz` or `.zst`, a folder with a table `households` and one for each list, or `-` for JSON lines from standard input",
        "Keluarga: `.parquet`, `.arrow`, `.jsonl`, `.json` (satu atau daftar), `.csv`, yang teks juga sebagai `.gz` atau `.zst`, folder berisi tabel `households` dan satu tabel untuk tiap daftar, atau `-` untuk baris JSON dari masukan baku",
    ),
    (
        "Households: `.jsonl`, `.json` (one or a list), or `-` for JSON lines from standard input",
        "Keluarga: `.jsonl`, `.json` (satu atau daftar), atau `-` untuk baris JSON dari masukan baku",
    ),
    (
        "Decide this programme alone; may be given several times",
        "Putuskan program ini saja; boleh diberikan beberapa kali",
    ),
    (
        "Add the value of a definition, criterion or table; may be given several times",
        "Tambahkan nilai definisi, kriteria, atau tabel; boleh diberikan beberapa kali",
    ),
    ("How many threads decide [default: one a core]", "Jumlah utas yang memutuskan [bawaan: satu per inti prosesor]"),
    (
        "Leave out this column, which holds no fact; may be given several times",
        "Abaikan kolom ini, yang tidak memuat fakta; boleh diberikan beberapa kali",
    ),
    (
        "Take binary floats of columns as numbers, by their shortest decimals",
        "Ambil float biner pada kolom sebagai bilangan, menurut desimal terpendeknya",
    ),
    ("One row for each household, typed", "Satu baris per keluarga, dengan jenis nilainya"),
    ("The same as an Arrow file", "Sama, sebagai berkas Arrow"),
    ("N", "N"),
    (
        "Write to this file, whole or not at all; or, where it ends in `/`, to a folder, by parts with a manifest",
        "Tulis ke berkas ini, utuh atau tidak sama sekali; atau, bila berakhiran `/`, ke folder, per bagian dengan manifes",
    ),
    ("Go on with the run in the folder of --out that was interrupted", "Lanjutkan yang terputus dalam folder --out"),
    (
        "Keep with each decision a digest of what it was made from: what a later call with --previous goes by",
        "Simpan bersama tiap keputusan sidik asalnya: pegangan panggilan kelak dengan --previous",
    ),
    (
        "Take over from these decisions, kept with --digest in the same format, what would be decided alike, and decide only households anew whose facts, or the rules that they rest on, are others: a file, or the folder of a run in parts",
        "Ambil alih dari keputusan ini, yang disimpan dengan --digest dalam format yang sama, apa yang akan diputuskan sama, dan putuskan baru hanya keluarga yang faktanya, atau aturan sandarannya, berubah: sebuah berkas, atau folder bagian-bagiannya",
    ),
    (
        "So many households, or some more, are in a part [default: 131072]",
        "Sebanyak ini keluarga, atau sedikit lebih, dalam satu bagian [bawaan: 131072]",
    ),
    (
        "The columns of facts where neither name is the fact's: a JSON object such as `{\"members.birth_date\": \"tgl_lahir\"}`",
        "Kolom fakta yang namanya bukan nama fakta itu: objek JSON seperti `{\"members.birth_date\": \"tgl_lahir\"}`",
    ),
    (
        "Put this column of the input beside the decisions as it is; may be given several times",
        "Sertakan kolom masukan ini di samping keputusan apa adanya; boleh diberikan beberapa kali",
    ),
    (
        "With --format parquet or arrow: one row for each programme and member, as CSV always has",
        "Dengan --format parquet atau arrow: satu baris per program dan anggota, seperti halnya CSV",
    ),
    (
        "Write the rows that could not be read to this file, with their places and what is wrong; a key that stands twice is told too",
        "Tulis baris yang tidak terbaca ke berkas ini, dengan tempat dan sebabnya; kunci yang ada dua kali juga diberitahukan",
    ),
    (
        "End the run after more rejected rows than these [default: it goes on to the end]",
        "Hentikan setelah lebih dari sekian baris ditolak [bawaan: terus sampai akhir]",
    ),
    (
        "The table with the elements of this list, joined by key [default: `NAME.LIST.END` beside FACTS, or `LIST.END` in a folder or beside `households.END`]; may be given several times",
        "Tabel berisi anggota daftar ini, digabung menurut kunci [bawaan: `NAMA.DAFTAR.AKHIRAN` di samping FACTS, atau `DAFTAR.AKHIRAN` dalam folder atau di samping `households.AKHIRAN`]; boleh diberikan beberapa kali",
    ),
    (
        "The column of these tables that holds the key of the household [default: the first]",
        "Kolom tabel itu yang memuat kunci keluarga [bawaan: yang pertama]",
    ),
    ("LIST=FILE", "DAFTAR=BERKAS"),
    ("COLUMN", "KOLOM"),
    (
        "The key of the household; may be left out where there is one alone",
        "Kunci keluarga; boleh ditinggalkan bila hanya ada satu",
    ),
    (
        "Tell also what would change it: of the household's own facts, how far they are from the limits, and what time will bring",
        "Beritahu juga apa yang akan mengubahnya: di antara fakta keluarga sendiri, seberapa jauh dari batas, dan apa yang dibawa waktu",
    ),
    (
        "Ask for this programme alone; may be given several times",
        "Tanyakan untuk program ini saja; boleh diberikan beberapa kali",
    ),
    (
        "Begin with the facts of this file: one household as JSON",
        "Mulai dengan fakta dalam berkas ini: satu keluarga sebagai JSON",
    ),
    (
        "Ask also for the keys of the household and of its members, which are numbered otherwise",
        "Tanyakan juga kunci keluarga dan anggotanya, yang bila tidak akan dinomori",
    ),
    (
        "Write the facts to this file, which `layak decide` takes [default: they are shown at the end]",
        "Tulis fakta ke berkas ini, yang diterima `layak decide` [bawaan: ditampilkan di akhir]",
    ),
    (
        "Run the cases of this file, `.jsonl`, `.csv` or `.xlsx`; may be given several times [default: `cases.jsonl`, `cases.csv` and `cases.xlsx` beside the rules, where they are]",
        "Jalankan kasus dalam berkas ini, `.jsonl`, `.csv` atau `.xlsx`; boleh diberikan beberapa kali [bawaan: `cases.jsonl`, `cases.csv`, dan `cases.xlsx` di samping aturan, bila ada]",
    ),
    (
        "Write a copy of the sheet of cases with how each came out, `.xlsx` or `.csv`",
        "Tulis salinan lembar kasus beserta hasil tiap kasus, `.xlsx` atau `.csv`",
    ),
    (
        "Write an empty sheet of cases for these rules, `.xlsx` or `.csv`, and run nothing",
        "Tulis lembar kasus kosong untuk aturan ini, `.xlsx` atau `.csv`, tanpa menjalankan apa pun",
    ),
    (
        "Make up the fewest cases found that show all of the rules, at most so many, with what the rules say now for people to confirm; run nothing",
        "Buat kasus sesedikit mungkin yang menunjukkan seluruh aturan, paling banyak sekian, berisi apa kata aturan sekarang untuk dikonfirmasi orang; tanpa menjalankan apa pun",
    ),
    (
        "With --generate: write them to this file, `.jsonl`, `.csv` or `.xlsx` [default: JSON lines to standard output]",
        "Dengan --generate: tulis ke berkas ini, `.jsonl`, `.csv`, atau `.xlsx` [bawaan: baris JSON ke keluaran standar]",
    ),
    ("How many elements of each list a sheet has columns for", "Untuk berapa anggota tiap daftar lembar punya kolom"),
    (
        "What the households that properties are tried on are made from: the same number makes the same households",
        "Bilangan asal keluarga tempat sifat dicoba: bilangan yang sama menghasilkan keluarga yang sama",
    ),
    ("How many households each property is tried on", "Banyaknya keluarga untuk mencoba setiap sifat"),
    ("A code such as L0201; all codes where it is left out", "Kode seperti L0201; semua kode bila ditinggalkan"),
    (
        "List the exceptions instead, each below what it is an exception to: formats text and json",
        "Daftarkan pengecualian saja, masing-masing di bawah yang dikecualikannya: bentuk text dan json",
    ),
    (
        "The rules as they were: a rule file (with all that it uses) or a folder of rule files",
        "Aturan semula: berkas aturan (dengan semua yang dipakainya) atau folder berkas aturan",
    ),
    ("The rules as they are to be", "Aturan yang akan berlaku"),
    (
        "Decide the households of this file by both, and tell whose decision differs and why: `.jsonl`, `.json`, `.csv`, or `-`",
        "Putuskan keluarga dalam berkas ini menurut keduanya, dan beritahu keputusan siapa yang berbeda dan mengapa: `.jsonl`, `.json`, `.csv`, atau `-`",
    ),
    ("End with 1 if there is any difference", "Berakhir dengan 1 bila ada perbedaan"),
    (
        "A rule file, a folder of rule files, or `-` for standard input to standard output",
        "Berkas aturan, folder berkas aturan, atau `-` untuk masukan baku ke keluaran baku",
    ),
    (
        "Write nothing; name the files that are laid out otherwise, and end with 1 if there are any",
        "Jangan menulis apa pun; sebut berkas yang tertata lain, dan berakhir dengan 1 bila ada",
    ),
    (
        "Translate the keywords: `id` or `en`. Names and texts stay, and so does the meaning; translated back, a file has the same bytes. The rules must have no errors",
        "Terjemahkan kata kunci: `id` atau `en`. Nama dan teks tetap, begitu pula maknanya; diterjemahkan kembali, berkas sama sampai ke bita. Aturannya harus tanpa galat",
    ),
    ("RULES", "ATURAN"),
    ("FACTS", "FAKTA"),
    ("FILE", "BERKAS"),
    ("DATE", "TANGGAL"),
    ("NAME", "NAMA"),
    ("LANG", "BAHASA"),
    ("NUMBER", "BILANGAN"),
    ("FORMAT", "BENTUK"),
    ("OLD", "LAMA"),
    ("NEW", "BARU"),
    ("CODE", "KODE"),
    ("ID", "ID"),
    ("COMMAND", "PERINTAH"),
    ("Example: layak check rules/bansos", "Contoh: layak check rules/bansos"),
    (
        "Example: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --format table\nExample: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --amend reform.layak\nExample: layak decide rules/bansos households.parquet --as-of 2026-02-15 --format parquet --out decisions.parquet",
        "Contoh: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --format table\nContoh: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --amend reform.layak\nContoh: layak decide rules/bansos households.parquet --as-of 2026-02-15 --format parquet --out decisions.parquet",
    ),
    (
        "Example: layak explain rules/bansos households.jsonl --id 3510-000002 --lang id\n         layak explain rules/bansos households.jsonl --id 3510-000002 --for family --format html > letter.html",
        "Contoh: layak explain rules/bansos households.jsonl --id 3510-000002 --lang id\n        layak explain rules/bansos households.jsonl --id 3510-000002 --for family --format html > surat.html",
    ),
    (
        "Example: layak ask rules/bansos --lang id --as-of 2026-02-15 --out family.json\n\nAn answer is typed as one writes it: 3.000.000 or 3,000,000, 17 Agustus 1990, ya. Instead of an answer: `?` tells more of the question, `>` leaves it open (not known), `<` goes back. The end of the input (Ctrl-D) ends the interview; what was answered is kept.",
        "Contoh: layak ask rules/bansos --lang id --as-of 2026-02-15 --out family.json\n\nJawaban diketik seperti biasa ditulis: 3.000.000 atau 3,000,000, 17 Agustus 1990, ya. Sebagai ganti jawaban: `?` menjelaskan pertanyaannya, `>` membiarkannya terbuka (tidak diketahui), `<` kembali. Akhir masukan (Ctrl-D) mengakhiri wawancara; yang sudah dijawab disimpan.",
    ),
    (
        "Example: layak test rules/bansos\n\nA case is a line of JSON:\n  {\"id\": \"a\", \"as_of\": \"2026-01-15\", \"input\": {…facts…}, \"expect\": {\"NAME\": \"900\", \"OTHER\": null}}\n`null` is unknown, `\"ERROR\"` a fault. Also `programmes`, `error`, `tolerance`, `known_on`, `module`, `note`.\nIn a CSV the columns are `id`, `as_of`, `input.FACT`, `expect.NAME`, `programmes.NAME`. See docs/language/09-tests.md.",
        "Contoh: layak test rules/bansos\n\nKasus adalah sebaris JSON:\n  {\"id\": \"a\", \"as_of\": \"2026-01-15\", \"input\": {…fakta…}, \"expect\": {\"NAMA\": \"900\", \"LAINNYA\": null}}\n`null` berarti tidak diketahui, `\"ERROR\"` berarti galat. Juga `programmes`, `error`, `tolerance`, `known_on`, `module`, `note`.\nDalam CSV kolomnya `id`, `as_of`, `input.FAKTA`, `expect.NAMA`, `programmes.NAMA`. Lihat docs/language/09-tests.md.",
    ),
    ("Example: layak codes L0201", "Contoh: layak codes L0201"),
    (
        "Example: layak graph rules/bansos --format svg > bansos.svg",
        "Contoh: layak graph rules/bansos --format svg > bansos.svg",
    ),
    (
        "Example: layak diff rules/bansos drafts/bansos\n         layak diff rules/bansos drafts/bansos --facts households.jsonl --as-of 2026-01-15\n\nLayout, comments, the language of keywords, the order of declarations and of files are no change, nor are tests. A change\nof labels, bases or reasons alone is marked as wording. What itself stands as before but rests on a change is listed last.",
        "Contoh: layak diff rules/bansos drafts/bansos\n        layak diff rules/bansos drafts/bansos --facts households.jsonl --as-of 2026-01-15\n\nTata letak, komentar, bahasa kata kunci, urutan deklarasi dan berkas bukan perubahan, begitu pula uji. Perubahan\nlabel, dasar, atau alasan saja ditandai sebagai kata-kata. Yang tetap seperti semula tetapi bersandar pada perubahan disebut terakhir.",
    ),
    (
        "Example: layak schema rules/bansos > bansos.schema.json",
        "Contoh: layak schema rules/bansos > bansos.schema.json",
    ),
    (
        "Example: layak fmt rules/bansos --check\n         layak fmt rules/bansos --language id",
        "Contoh: layak fmt rules/bansos --check\n        layak fmt rules/bansos --language id",
    ),
    (
        "Decides again what was recorded, and compares bit for bit",
        "Memutuskan lagi apa yang direkam, dan membandingkannya bit demi bit",
    ),
    (
        "Keep with each decision what it was made from, for `layak replay` and `layak redecide`: engine, rules, dates, and of the facts those alone that it cannot be made again without. Formats json and jsonl",
        "Simpan pada setiap keputusan apa yang mendasarinya, untuk `layak replay` dan `layak redecide`: mesin, aturan, tanggal, dan di antara fakta hanya yang tanpanya keputusan tidak dapat dibuat lagi. Bentuk json dan jsonl",
    ),
    ("Leave the facts out of the record", "Tinggalkan fakta dari rekaman"),
    (
        "Decisions kept by `layak decide --record`: `.jsonl`, `.json`, or `-` for JSON lines from standard input",
        "Keputusan yang disimpan `layak decide --record`: `.jsonl`, `.json`, atau `-` untuk baris JSON dari masukan baku",
    ),
    (
        "Decide by these rules [default: those that the records name, as seen from this folder]",
        "Putuskan menurut aturan ini [bawaan: yang disebut rekaman, dilihat dari folder ini]",
    ),
    (
        "Lay the acts of this file over the rules, beside those that the records name where these name the rules; may be given several times",
        "Terapkan perubahan dalam berkas ini di atas aturan, di samping yang disebut rekaman bila rekaman menyebut aturannya; boleh diberikan beberapa kali",
    ),
    (
        "Decides again after facts were corrected or the law changed: what changed, why, what was over- or underpaid",
        "Memutuskan lagi setelah fakta dikoreksi atau hukum berubah: apa yang berubah, mengapa, apa yang lebih atau kurang dibayar",
    ),
    (
        "The households as they are known now: `.jsonl`, `.json` or `.csv`",
        "Keluarga sebagaimana diketahui kini: `.jsonl`, `.json`, atau `.csv`",
    ),
    (
        "The date whose knowledge of the law is used [default: that of each record]",
        "Tanggal pengetahuan hukum yang dipakai [bawaan: tanggal pada setiap rekaman]",
    ),
    (
        "The day on which the last period of a household ends, itself left out: with it rates become amounts",
        "Hari berakhirnya masa terakhir sebuah keluarga, hari itu sendiri tidak termasuk: dengannya tarif menjadi jumlah",
    ),
    ("End with 1 if any decision is another", "Berakhir dengan 1 bila ada keputusan yang berbeda"),
    (
        "Example: layak redecide decisions.jsonl corrected.jsonl\n         layak redecide decisions.jsonl households.jsonl --amend act.layak --known-on 2026-06-01 --until 2026-07-01\n\nEach decision of OLD is a period: from the day it was decided for until the next decision on the same household, or --until. Households of OLD that are not among FACTS are counted and left as they are. Ends with 1 if a decision cannot be made again.",
        "Contoh: layak redecide keputusan.jsonl koreksi.jsonl\n        layak redecide keputusan.jsonl keluarga.jsonl --amend perubahan.layak --known-on 2026-06-01 --until 2026-07-01\n\nSetiap keputusan dari LAMA adalah satu masa: dari hari keputusan sampai keputusan berikutnya atas keluarga yang sama, atau --until. Keluarga dari LAMA yang tidak ada dalam FAKTA dihitung dan dibiarkan. Berakhir dengan 1 bila ada keputusan yang tidak dapat dibuat lagi.",
    ),
    (
        "Households whose facts were left out of the records, found by their key, else by their line",
        "Keluarga yang faktanya ditinggalkan dari rekaman, dicari menurut kuncinya, jika tidak menurut barisnya",
    ),
    ("How results are written; json is one object a line", "Bentuk penulisan hasil; json berarti satu objek per baris"),
    ("DECISIONS", "KEPUTUSAN"),
    (
        "Example: layak replay decisions.jsonl\n\nEnds with 1 if a decision is another now, was made by other rules, or cannot be made again. Another version of the engine is named; where it gives the same bytes, that is clean.",
        "Contoh: layak replay decisions.jsonl\n\nBerakhir dengan 1 bila sebuah keputusan kini lain, dibuat menurut aturan lain, atau tidak dapat dibuat lagi. Versi mesin yang lain disebut; bila hasilnya sama sampai ke bita, itu bersih.",
    ),
    (
        "Tell also what the tests and cases show of the rules: criteria, exceptions, rows and cells of tables, versions of parameters",
        "Beritahu juga apa yang ditunjukkan uji dan kasus tentang aturan: kriteria, pengecualian, baris dan sel tabel, versi parameter",
    ),
    (
        "For people: a line for each kind, and what has not been shown",
        "Untuk dibaca orang: satu baris per jenis, dan apa yang belum ditunjukkan",
    ),
    (
        "For editors and services that show coverage of lines",
        "Untuk penyunting dan layanan yang menampilkan cakupan baris",
    ),
    ("A page: the rules with what has not been shown", "Halaman: aturan dengan apa yang belum ditunjukkan"),
    (
        "Write the coverage to this file, whole or not at all",
        "Tulis cakupan ke berkas ini, utuh atau tidak sama sekali",
    ),
    (
        "Try small faults of the rules instead, one at a time: which of them would the tests, cases and properties not notice?",
        "Cobalah kesalahan kecil pada aturan, satu per satu: mana yang tidak akan diketahui uji, kasus, dan sifat?",
    ),
    (
        "Try properties, or make up cases, for so many seconds at most; with --mutate begin with no fault after them",
        "Cobalah sifat, atau buat kasus, paling lama sekian detik; dengan --mutate jangan mulai kesalahan baru setelah itu",
    ),
    ("SECONDS", "DETIK"),
    ("Try only so many of them, chosen by --seed", "Cobalah sekian saja, dipilih menurut --seed"),
    (
        "Keep in this file what is found, and go on from it: of other rules or tests it is begun anew",
        "Simpan temuan dalam berkas ini, dan lanjutkan darinya: untuk aturan atau uji lain dimulai dari awal",
    ),
    (
        "Fail where less than so many per cent is shown, or noticed",
        "Gagal bila kurang dari sekian persen ditunjukkan, atau diketahui",
    ),
    ("PERCENT", "PERSEN"),
    (
        "Say what of the rules is decided by columns, many households at once, and what row by row",
        "Sebutkan apa dari aturan yang diputus menurut kolom, banyak keluarga sekaligus, dan apa baris demi baris",
    ),
    (
        "With --batch: the rules of this date [default: today]",
        "Dengan --batch: aturan pada tanggal ini [bawaan: hari ini]",
    ),
];
