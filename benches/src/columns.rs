//! Many households as columns: made up by chance, decided by hand as a struct of arrays, and given to Layak as they are.

use arrow_buffer::BooleanBuffer;
use layak::{Bitmap, Codes, Column, ColumnError, Households, Plan, Values};

use crate::{Decided, Household, Person};

/// 2026-02-15 as days since 1970-01-01.
const TODAY: i32 = 20_499;

pub(crate) const SEXES: [&str; 2] = ["male", "female"];
pub(crate) const RELATIONS: [&str; 7] = ["head", "spouse", "child", "grandchild", "parent", "sibling", "other"];
pub(crate) const SCHOOLS: [&str; 5] = ["none", "sd", "smp", "sma", "college"];
pub(crate) const DISABILITIES: [&str; 3] = ["none", "mild", "severe"];
pub(crate) const OCCUPATIONS: [&str; 17] = [
    "farmer",
    "laborer",
    "trader",
    "employee",
    "civil_servant",
    "military",
    "police",
    "soe_employee",
    "state_official",
    "village_official",
    "certified_teacher",
    "health_worker",
    "state_pensioner",
    "unemployed",
    "homemaker",
    "student",
    "other",
];
/// Regions that have a minimum wage.
pub const REGIONS: [&str; 4] = ["35.10", "35.78", "35.11", "73.71"];

/// The last minimum wage of each of [`REGIONS`] in a table of region, first day and rupiah.
pub fn minimum_wages(table: &str) -> Option<[i64; 4]> {
    let mut out = [0; 4];
    for (wage, region) in out.iter_mut().zip(REGIONS) {
        let line = table.lines().rfind(|line| line.starts_with(region))?;
        *wage = line.split(',').nth(2)?.parse().ok()?;
    }
    Some(out)
}

/// Yes and no, a bit each.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    bytes: Vec<u8>,
    len: usize,
}

impl Flags {
    pub(crate) fn of(bits: &BooleanBuffer) -> Flags {
        Flags { bytes: bits.sliced().as_slice().to_vec(), len: bits.len() }
    }

    pub(crate) fn all(len: usize) -> Flags {
        Flags { bytes: vec![u8::MAX; len.div_ceil(8)], len }
    }

    fn push(&mut self, flag: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(byte) = self.bytes.last_mut() {
            *byte |= u8::from(flag) << (self.len % 8);
        }
        self.len += 1;
    }

    #[inline(always)]
    fn get(&self, at: usize) -> bool {
        self.bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }

    /// The bits, and how many there are.
    pub(crate) fn parts(&self) -> (&[u8], usize) {
        (&self.bytes, self.len)
    }

    fn bitmap(&self) -> Option<Bitmap<'_>> {
        Bitmap::new(&self.bytes, 0, self.len)
    }
}

/// Households as columns.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Arrays {
    pub ids: Vec<i32>,
    pub id_text: String,
    pub region: Vec<u8>,
    pub desil: Vec<i32>,
    /// Households of which the decile is known.
    pub desil_known: Flags,
    pub electricity_va: Vec<i32>,
    pub has_car: Flags,
    pub motorbikes: Vec<i32>,
    pub vehicle_value: Vec<i64>,
    pub offsets: Vec<i32>,
    pub niks: Vec<i32>,
    pub nik_text: String,
    pub birth: Vec<i32>,
    pub sex: Vec<u8>,
    pub relation: Vec<u8>,
    pub registered: Flags,
    pub died: Vec<i32>,
    pub has_died: Flags,
    pub pregnant: Flags,
    pub pregnancy_number: Vec<i32>,
    pub school: Vec<u8>,
    pub attends: Flags,
    pub finished: Flags,
    pub disability: Vec<u8>,
    pub occupation: Vec<u8>,
    pub wage: Vec<i64>,
    pub owner: Flags,
    pub covered: Flags,
}

/// A small generator of numbers, the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn number(&mut self, n: u64) -> i32 {
        i32::try_from(self.below(n)).unwrap_or(0)
    }

    fn code(&mut self, n: u64) -> u8 {
        u8::try_from(self.below(n)).unwrap_or(0)
    }

    fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

impl Arrays {
    /// So many households, with 3.4 members in the mean; of so many in a hundred the decile is not known.
    pub fn made_up(households: usize, unknown: u64) -> Arrays {
        Arrays::seeded(households, unknown, None, 0x5eed)
    }

    /// The same from a seed that is not 0, all of so many members.
    pub fn seeded(households: usize, unknown: u64, members_each: Option<i32>, seed: u64) -> Arrays {
        let mut a = Arrays { offsets: vec![0], ids: vec![0], niks: vec![0], ..Arrays::default() };
        let c = &mut Chance(seed);
        for home in 0..households {
            a.id_text.push_str(&format!("3510-{home:06}"));
            a.ids.push(i32::try_from(a.id_text.len()).unwrap_or(0));
            a.region.push(c.code(4));
            a.desil.push(1 + c.number(10));
            a.desil_known.push(!c.is(unknown));
            a.electricity_va.push([450, 900, 1300, 2199, 2200].get(c.number(5) as usize).copied().unwrap_or(0));
            a.has_car.push(c.is(8));
            a.motorbikes.push(c.number(3).min(1 + i32::from(c.is(20))));
            a.vehicle_value.push(i64::from(c.number(31)) * 1_000_000);
            let drawn = if c.is(2) { 0 } else { 1 + c.number(6) };
            let members = members_each.unwrap_or(drawn);
            for place in 0..members {
                a.member(c, place);
            }
            a.offsets.push(i32::try_from(a.birth.len()).unwrap_or(0));
        }
        a
    }

    fn member(&mut self, c: &mut Chance, place: i32) {
        self.nik_text.push_str(&format!("{:016}", self.birth.len()));
        self.niks.push(i32::try_from(self.nik_text.len()).unwrap_or(0));
        let age = if place < 2 { 20 + c.number(55) } else { c.number(24) };
        // About the days on which somebody turns an age that counts.
        let days = if c.is(5) { i32::from(age > 30) * 21_915 + 2_191 + c.number(4) } else { age * 365 + c.number(365) };
        self.birth.push(TODAY - days);
        self.sex.push(c.code(2));
        self.relation.push(c.code(7));
        self.registered.push(!c.is(6));
        let died = c.is(2);
        self.has_died.push(died);
        self.died.push(if died { TODAY - 2 + c.number(4) } else { 0 });
        let pregnant = self.sex.last() == Some(&1) && c.is(6);
        self.pregnant.push(pregnant);
        self.pregnancy_number.push(if pregnant { 1 + c.number(4) } else { 0 });
        let pupil = (6..22).contains(&age) && c.is(80);
        self.attends.push(pupil);
        self.school.push(if pupil { 1 + c.code(3) } else { c.code(5) });
        self.finished.push(age > 18 && c.is(50));
        self.disability.push(if c.is(3) { 2 } else { u8::from(c.is(3)) });
        let rare = c.is(4);
        self.occupation.push(if rare {
            4 + c.code(9)
        } else {
            [0, 1, 2, 3, 13, 14, 15, 16].get(c.number(8) as usize).copied().unwrap_or(0)
        });
        self.wage.push(if age < 18 {
            0
        } else {
            i64::from(c.number(26)) * 100_000 + if c.is(1) { 3_000_000 } else { 0 }
        });
        self.owner.push(c.is(1));
        self.covered.push(c.is(15));
    }

    /// Gives them to Layak.
    ///
    /// # Errors
    /// The rules have no such facts.
    pub fn households<'a>(&'a self, plan: &Plan) -> Result<Households<'a>, ColumnError> {
        let ints = |values: &'a [i32]| Column::new(Values::Ints { values, scale: 0 });
        let longs = |values: &'a [i64]| Column::new(Values::Longs { values, scale: 0 });
        let codes = |codes: &'a [u8], texts: &'static [&'static str]| {
            Column::new(Values::Codes { codes: Codes::Bytes(codes), texts })
        };
        let texts = |offsets: &'a [i32], text: &'a str| Column::new(Values::Texts { offsets, text });
        let none = Bitmap::new(&[], 0, 0);
        let flags = |flags: &'a Flags| flags.bitmap().or(none).map(|bits| Column::new(Values::Booleans(bits)));
        let mut homes = Households::new(plan, self.desil.len());
        homes.column("id", texts(&self.ids, &self.id_text))?;
        homes.column("region", codes(&self.region, &REGIONS))?;
        let desil = ints(&self.desil);
        let is_known =
            self.desil_known.bytes.iter().map(|b| b.count_ones() as usize).sum::<usize>() == self.desil.len();
        homes.column(
            "desil",
            match self.desil_known.bitmap() {
                Some(known) if !is_known => desil.known(known),
                _ => desil,
            },
        )?;
        homes.column("electricity_va", ints(&self.electricity_va))?;
        homes.column("motorbikes", ints(&self.motorbikes))?;
        homes.column("vehicle_value", longs(&self.vehicle_value))?;
        homes.list("members", &self.offsets, None)?;
        homes.column("members.nik", texts(&self.niks, &self.nik_text))?;
        homes.column("members.birth_date", Column::new(Values::Days(&self.birth)))?;
        homes.column("members.sex", codes(&self.sex, &SEXES))?;
        homes.column("members.relation", codes(&self.relation, &RELATIONS))?;
        if let Some(known) = self.has_died.bitmap() {
            homes.column("members.died_on", Column::new(Values::Days(&self.died)).known(known))?;
        }
        homes.column("members.pregnancy_number", ints(&self.pregnancy_number))?;
        homes.column("members.school_level", codes(&self.school, &SCHOOLS))?;
        homes.column("members.disability", codes(&self.disability, &DISABILITIES))?;
        homes.column("members.occupation", codes(&self.occupation, &OCCUPATIONS))?;
        homes.column("members.wage", longs(&self.wage))?;
        for (name, of) in [
            ("has_car", &self.has_car),
            ("members.registered", &self.registered),
            ("members.pregnant", &self.pregnant),
            ("members.attends_school", &self.attends),
            ("members.finished_sma", &self.finished),
            ("members.company_owner", &self.owner),
            ("members.covered_by_employer", &self.covered),
        ] {
            if let Some(column) = flags(of) {
                homes.column(name, column)?;
            }
        }
        Ok(homes)
    }

    /// As structs, with ages reckoned. `umk` is the minimum wage of each region, in cents.
    pub fn structs(&self, umk: &[i64; 4]) -> Vec<Household> {
        let at = |list: &[i32], n: usize| list.get(n).copied().unwrap_or(0);
        let byte = |list: &[u8], n: usize| list.get(n).copied().unwrap_or(0);
        let long = |list: &[i64], n: usize| list.get(n).copied().unwrap_or(0);
        let cuts = Cuts::of_today();
        (0..self.desil.len())
            .map(|home| Household {
                umk: long(umk, usize::from(byte(&self.region, home))),
                desil: at(&self.desil, home).into(),
                electricity_va: at(&self.electricity_va, home).into(),
                has_car: self.has_car.get(home),
                motorbikes: at(&self.motorbikes, home).into(),
                vehicle_value: long(&self.vehicle_value, home) * 100,
                members: (at(&self.offsets, home) as usize..at(&self.offsets, home + 1) as usize)
                    .map(|p| Person {
                        age: cuts.years(at(&self.birth, p)),
                        living: !self.has_died.get(p) || at(&self.died, p) > TODAY,
                        registered: self.registered.get(p),
                        female: byte(&self.sex, p) == 1,
                        pregnant: self.pregnant.get(p),
                        pregnancy_number: at(&self.pregnancy_number, p).into(),
                        school: byte(&self.school, p),
                        attends: self.attends.get(p),
                        finished: self.finished.get(p),
                        disabled: byte(&self.disability, p) == 2,
                        occupation: byte(&self.occupation, p),
                        wage: long(&self.wage, p) * 100,
                        company_owner: self.owner.get(p),
                        covered: self.covered.get(p),
                    })
                    .collect(),
            })
            .collect()
    }

    /// Decides all by hand, as a struct of arrays with whole rupiah: the limit. `umk` is the minimum wage of each region.
    pub fn decide(&self, umk: &[i64; 4], out: &mut Vec<Decided>) {
        const AMOUNTS: [i64; 7] = [3_000_000, 900_000, 1_500_000, 2_000_000, 2_400_000, 2_400_000, 3_000_000];
        let cuts = Cuts::of_today();
        let at = |list: &[i32], n: usize| list.get(n).copied().unwrap_or(0);
        let byte = |list: &[u8], n: usize| list.get(n).copied().unwrap_or(0);
        let long = |list: &[i64], n: usize| list.get(n).copied().unwrap_or(0);
        out.clear();
        for home in 0..self.desil.len() {
            let mut one = Decided::default();
            let desil = at(&self.desil, home);
            let limit = long(umk, usize::from(byte(&self.region, home)));
            let mut counts = [0i64; 7];
            let (mut flags, mut any_living) = (0u32, false);
            let start = at(&self.offsets, home) as usize;
            for p in start..at(&self.offsets, home + 1) as usize {
                let occupation = byte(&self.occupation, p);
                let living = !self.has_died.get(p) || at(&self.died, p) > TODAY;
                let registered = self.registered.get(p);
                if living {
                    any_living = true;
                    flags |= u32::from(matches!(occupation, 4..=8)) | u32::from(occupation == 12) << 1;
                    flags |= u32::from(occupation == 10) << 2 | u32::from(occupation == 11) << 3;
                    flags |= u32::from(occupation == 9) << 4 | u32::from(self.owner.get(p)) << 5;
                    flags |= u32::from(long(&self.wage, p) > limit) << 6;
                }
                if living && registered {
                    let born = at(&self.birth, p);
                    let (attends, school) = (self.attends.get(p), byte(&self.school, p));
                    let pupil = attends && born <= cuts.six && born > cuts.twenty_two && !self.finished.get(p);
                    let q = [
                        born <= TODAY && born > cuts.seven && !(attends && school != 0),
                        pupil && school == 1,
                        pupil && school == 2,
                        pupil && school == 3,
                        byte(&self.disability, p) == 2,
                        born <= cuts.sixty,
                        byte(&self.sex, p) == 1 && self.pregnant.get(p) && at(&self.pregnancy_number, p) <= 2,
                    ];
                    // In the order of the amounts, and of the list where they are alike.
                    let order = [0usize, 6, 4, 5, 3, 2, 1];
                    let chosen = order.into_iter().find(|c| q.get(*c) == Some(&true));
                    if let Some(count) = chosen.and_then(|c| counts.get_mut(c)) {
                        *count += 1;
                    }
                }
                let flagged = matches!(occupation, 4..=12);
                let gets = desil <= 5 && registered && living && !self.covered.get(p) && !flagged;
                one.pbi |= u32::from(gets) << ((p - start) % 32);
            }
            flags |= u32::from(at(&self.electricity_va, home) >= 2200) << 7;
            let vehicle = long(&self.vehicle_value, home) > 30_000_000 || at(&self.motorbikes, home) > 1;
            flags |= u32::from(self.has_car.get(home) || vehicle) << 8;
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
                one.amount += fits * amount;
            }
            let component = counts.iter().any(|c| *c > 0);
            flags |= u32::from(desil > 4) << 9 | u32::from(!any_living) << 10;
            one.pkh = flags | u32::from(!component) << 11;
            one.sembako = flags;
            out.push(one);
        }
    }
}

/// The last days of birth with so many years on 2026-02-15.
struct Cuts {
    six: i32,
    seven: i32,
    twenty_two: i32,
    sixty: i32,
    /// By years.
    all: Vec<i32>,
}

impl Cuts {
    fn of_today() -> Cuts {
        let day = |years: i32| {
            let date = chrono::NaiveDate::from_ymd_opt(2026 - years, 2, 15).unwrap_or_default();
            i32::try_from(date.signed_duration_since(chrono::NaiveDate::default()).num_days()).unwrap_or(0)
        };
        Cuts { six: day(6), seven: day(7), twenty_two: day(22), sixty: day(60), all: (0..120).map(day).collect() }
    }

    fn years(&self, born: i32) -> i64 {
        self.all.iter().zip(0i64..).take_while(|(cut, _)| born <= **cut).last().map_or(-1, |(_, years)| years)
    }
}
