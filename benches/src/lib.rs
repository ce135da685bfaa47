//! What the benches compare with: the same rules written by hand. `structs` is how one writes them, with exact decimals
//! and dates; what stands here is the limit: whole cents, and ages that somebody else has reckoned.

mod batches;
pub mod by_hand;
pub mod columns;
pub mod files;
pub mod numbers;
pub mod structs;

/// A clock for the work of one thread: the time that a processor spent on it, where the system tells (Linux), so that what else the machine does
/// counts little; else the time that passed.
#[derive(Debug)]
pub struct Clock {
    spent: Option<u64>,
    begun: std::time::Instant,
}

impl Clock {
    /// Begins.
    pub fn start() -> Clock {
        Clock { spent: spent(), begun: std::time::Instant::now() }
    }

    /// What it took since.
    pub fn elapsed(&self) -> std::time::Duration {
        match (self.spent, spent()) {
            (Some(before), Some(now)) => std::time::Duration::from_nanos(now.saturating_sub(before)),
            _ => self.begun.elapsed(),
        }
    }
}

/// The nanoseconds that processors have spent on this thread.
fn spent() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_ascii_whitespace().next()?.parse().ok()
}

/// A household with all facts known.
#[derive(Clone, Debug)]
pub struct Household {
    /// The minimum wage of its region, in cents.
    pub umk: i64,
    /// 1 to 10.
    pub desil: i64,
    /// VA.
    pub electricity_va: i64,
    /// A four-wheel vehicle.
    pub has_car: bool,
    /// How many.
    pub motorbikes: i64,
    /// In cents.
    pub vehicle_value: i64,
    /// The family.
    pub members: Vec<Person>,
}

/// A member with all facts known.
#[derive(Clone, Debug)]
pub struct Person {
    /// Completed years.
    pub age: i64,
    /// Living on the day.
    pub living: bool,
    /// In DTSEN.
    pub registered: bool,
    /// Female.
    pub female: bool,
    /// Pregnant.
    pub pregnant: bool,
    /// 1 = first.
    pub pregnancy_number: i64,
    /// 0 none, 1 sd, 2 smp, 3 sma, 4 college.
    pub school: u8,
    /// Active pupil.
    pub attends: bool,
    /// Schooling completed.
    pub finished: bool,
    /// Severe.
    pub disabled: bool,
    /// As the enum of the rules.
    pub occupation: u8,
    /// In cents.
    pub wage: i64,
    /// Company.
    pub company_owner: bool,
    /// Employer's insurance.
    pub covered: bool,
}

/// What the hand-written version decides: failing criteria as bits, amounts in rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Failing criteria of PKH.
    pub pkh: u32,
    /// Failing criteria of Sembako.
    pub sembako: u32,
    /// PKH a year.
    pub amount: i64,
    /// Members who get PBI-JK.
    pub pbi: u32,
}

const AMOUNTS: [i64; 7] = [3_000_000, 900_000, 1_500_000, 2_000_000, 2_400_000, 2_400_000, 3_000_000];

/// The rules of `rules/bansos` as of 2026-02-15.
pub fn decide(h: &Household) -> Decided {
    let mut out = Decided::default();
    let mut counts = [0i64; 7];
    let mut flags = 0u32;
    let mut living = false;
    for (index, p) in h.members.iter().enumerate() {
        let state = matches!(p.occupation, 4..=8);
        if p.living {
            living = true;
            flags |= u32::from(state);
            flags |= u32::from(p.occupation == 12) << 1;
            flags |= u32::from(p.occupation == 10) << 2;
            flags |= u32::from(p.occupation == 11) << 3;
            flags |= u32::from(p.occupation == 9) << 4;
            flags |= u32::from(p.company_owner) << 5;
            flags |= u32::from(p.wage > h.umk) << 6;
        }
        if p.living && p.registered {
            let pupil = p.attends && (6..=21).contains(&p.age) && !p.finished;
            let q = [
                (0..=6).contains(&p.age) && !(p.attends && p.school != 0),
                pupil && p.school == 1,
                pupil && p.school == 2,
                pupil && p.school == 3,
                p.disabled,
                p.age >= 60,
                p.female && p.pregnant && p.pregnancy_number <= 2,
            ];
            let best = q.iter().zip(AMOUNTS).filter(|(q, _)| **q).map(|(_, a)| a).max();
            let chosen = q.iter().zip(AMOUNTS).position(|(q, a)| *q && Some(a) == best);
            if let Some(count) = chosen.and_then(|c| counts.get_mut(c)) {
                *count += 1;
            }
        }
        let flagged = matches!(p.occupation, 4..=12);
        if h.desil <= 5 && p.registered && p.living && !p.covered && !flagged {
            out.pbi |= 1 << (index % 32);
        }
    }
    flags |= u32::from(h.electricity_va >= 2200) << 7;
    flags |= u32::from(h.has_car || h.vehicle_value > 3_000_000_000 || h.motorbikes > 1) << 8;
    let (mut all, mut children) = (0, 0);
    for (component, (count, amount)) in counts.iter().zip(AMOUNTS).enumerate() {
        let mut fits = (*count).min(4 - all);
        if component == 0 {
            fits = fits.min(2);
        }
        if component < 4 {
            fits = fits.min(3 - children);
            children += fits;
        }
        all += fits;
        out.amount += fits * amount;
    }
    let component = counts.iter().any(|c| *c > 0);
    out.pkh = flags | u32::from(h.desil > 4) << 9 | u32::from(!living) << 10 | u32::from(!component) << 11;
    out.sembako = flags | u32::from(h.desil > 4) << 9 | u32::from(!living) << 10;
    out
}

/// The household that the benches decide, as JSON and as structs.
pub fn sample() -> (&'static str, Household) {
    let json = r#"{"id":"3510-000001","region":"35.10","desil":2,"electricity_va":900,"has_car":false,"motorbikes":1,"vehicle_value":8000000,"members":[
{"nik":"1","birth_date":"1985-07-01","sex":"male","relation":"head","registered":true,"died_on":null,"pregnant":false,"pregnancy_number":0,"school_level":"none","attends_school":false,"finished_sma":true,"disability":"none","occupation":"farmer","wage":1500000,"company_owner":false,"covered_by_employer":false},
{"nik":"2","birth_date":"1990-05-01","sex":"female","relation":"spouse","registered":true,"died_on":null,"pregnant":true,"pregnancy_number":2,"school_level":"none","attends_school":false,"finished_sma":true,"disability":"none","occupation":"homemaker","wage":0,"company_owner":false,"covered_by_employer":false},
{"nik":"3","birth_date":"2015-01-01","sex":"male","relation":"child","registered":true,"died_on":null,"pregnant":false,"pregnancy_number":0,"school_level":"sd","attends_school":true,"finished_sma":false,"disability":"none","occupation":"student","wage":0,"company_owner":false,"covered_by_employer":false},
{"nik":"4","birth_date":"1955-01-01","sex":"female","relation":"parent","registered":true,"died_on":null,"pregnant":false,"pregnancy_number":0,"school_level":"none","attends_school":false,"finished_sma":false,"disability":"none","occupation":"unemployed","wage":0,"company_owner":false,"covered_by_employer":false}]}"#;
    let person = |age, female, pregnant, school, attends, occupation, wage| Person {
        age,
        living: true,
        registered: true,
        female,
        pregnant,
        pregnancy_number: if pregnant { 2 } else { 0 },
        school,
        attends,
        finished: false,
        disabled: false,
        occupation,
        wage,
        company_owner: false,
        covered: false,
    };
    let household = Household {
        umk: 298_914_500,
        desil: 2,
        electricity_va: 900,
        has_car: false,
        motorbikes: 1,
        vehicle_value: 800_000_000,
        members: vec![
            person(40, false, false, 0, false, 0, 150_000_000),
            person(35, true, true, 0, false, 14, 0),
            person(11, false, false, 1, true, 15, 0),
            person(71, true, false, 0, false, 13, 0),
        ],
    };
    (json, household)
}

/// A rule file of so many definitions, each of which uses the one before.
pub fn generated(definitions: usize) -> String {
    let mut text = String::from("module generated\nentity H { a integer 0..100 }\ndefine d0 = a\n");
    for i in 1..definitions {
        let before = i - 1;
        text.push_str(&format!("define d{i} = if d{before} > {i} then d{before} - 1 else d{before} + 1\n"));
    }
    text
}

/// A rule file with one table of so many rows over numbers, dates, yes and no, an enum and a text. Each four rows share an interval
/// of the first column and part it by the others; what is left open is found only when all columns are looked at.
pub fn table(rows: usize) -> String {
    let mut text = String::from(
        "module tabled\nenum E { x, y, z }\nentity H { n number 0..  a integer 0..20  d date 2000-01-01..  b boolean  e E  t text }\n\
         table q: number  first\n  | n | a | d | b | e | t || q |\n",
    );
    let quarters = rows / 4;
    for i in 0..rows {
        let (group, part) = (i / 4, i % 4);
        let n = if group + 1 >= quarters {
            format!(">= {}", group * 2)
        } else {
            format!("{}..<{}", group * 2, group * 2 + 2)
        };
        let cells = match part {
            0 => "<= 10 | - | yes | x, y | -",
            1 => "> 10 | < 2020-01-01 | - | - | -",
            2 => "> 10 | >= 2020-01-01 | - | - | -",
            _ => "- | - | - | - | not \"none\"",
        };
        text.push_str(&format!("  | {n} | {cells} || {i} |\n"));
    }
    text
}
