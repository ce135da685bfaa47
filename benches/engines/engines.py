"""Other engines on Parquet files of households, from file to file; see `run`.

Called with FOLDER DECIDED UMK it runs each engine in a process of its own, on one core and on two, and prints the table.
Called with --engine NAME --cores N FOLDER UMK it is such a process.
"""

import csv
import json
import os
import subprocess
import sys
import time

DAY = "2026-02-15"
REGIONS = ["35.10", "35.78", "35.11", "73.71"]
STATE = ["civil_servant", "military", "police", "soe_employee", "state_official"]
FLAGGED = STATE + ["state_pensioner", "certified_teacher", "health_worker", "village_official"]
# By bit: the criterion that fails.
CRITERIA = [
    "has_state_employee", "has_state_pensioner", "has_certified_teacher", "has_health_worker", "has_village_official",
    "has_company_owner", "has_wage_above_umk", "high_power", "excess_vehicle", "desil_within_pkh", "has_living_member",
    "has_pkh_component",
]
AMOUNTS = [3_000_000, 900_000, 1_500_000, 2_000_000, 2_400_000, 2_400_000, 3_000_000]
# On the day: who was born after `seven` is 6 at most, who was born by `six` 6 at least, and so on.
CUTS = {"seven": "2019-02-15", "six": "2020-02-15", "twenty_two": "2004-02-15", "sixty": "1966-02-15"}
RUNS = 5


def minimum_wages(path):
    """The minimum wage of each region on the day."""
    wages = {}
    with open(path, newline="") as table:
        for row in csv.DictReader(table):
            if row["from"] <= DAY and row["region"] in REGIONS:
                wages[row["region"]] = int(row["value"])
    return {region: wages[region] for region in REGIONS}


def sql(wages):
    """The rules as one query over the tables `households` and `members`."""
    listed = ", ".join
    texts = lambda names: listed(f"'{name}'" for name in names)
    date = lambda name: f"DATE '{CUTS.get(name, DAY)}'"
    any_of = lambda condition: f"bool_or({condition})"
    kinds = [
        f"birth_date <= {date('today')} AND birth_date > {date('seven')} AND NOT (attends_school AND school_level <> 'none')",
        "pupil AND school_level = 'sd'",
        "pupil AND school_level = 'smp'",
        "pupil AND school_level = 'sma'",
        "disability = 'severe'",
        f"birth_date <= {date('sixty')}",
        "sex = 'female' AND pregnant AND pregnancy_number <= 2",
    ]
    # By amount, and where they are alike in the order of the list.
    order = [0, 6, 4, 5, 3, 2, 1]
    chosen = " ".join(f"WHEN living AND registered AND {kinds[kind]} THEN {kind}" for kind in order)
    counts = listed(f"count(*) FILTER (WHERE component = {kind}) AS c{kind}" for kind in range(7))
    umk = " ".join(f"WHEN '{region}' THEN {wage}" for region, wage in wages.items())
    bit = lambda condition, n: f"CASE WHEN {condition} THEN {1 << n} ELSE 0 END"
    none = "coalesce"
    flags = [f"{none}({name}, false)" for name in ["f0", "f1", "f2", "f3", "f4", "f5"]]
    flags += [
        f"{none}(highest, 0) > umk", "electricity_va >= 2200",
        "has_car OR vehicle_value > 30000000 OR motorbikes > 1", "desil > 4", f"NOT {none}(any_living, false)",
    ]
    shared = " + ".join(bit(flag, n) for n, flag in enumerate(flags))
    c = [f"{none}(c{kind}, 0)" for kind in range(7)]
    component = " + ".join(c)
    steps, before = [], []
    for kind in range(7):
        taken = " - ".join(["4"] + [f"k{n}" for n in before])
        children = " - ".join(["3"] + [f"k{n}" for n in before if n < 4])
        most = [c[kind], taken] + (["2"] if kind == 0 else []) + ([children] if kind < 4 else [])
        steps.append(f"least({listed(most)}) AS k{kind}")
        before.append(kind)
    query = f"""
    WITH person AS (
      SELECT *, (died_on IS NULL OR died_on > DATE '{DAY}') AS living,
        attends_school AND birth_date <= {date('six')} AND birth_date > {date('twenty_two')} AND NOT finished_sma AS pupil
      FROM members),
    qualified AS (SELECT *, CASE {chosen} ELSE -1 END AS component FROM person),
    grouped AS (
      SELECT household, {counts}, {any_of('living')} AS any_living,
        {any_of(f"living AND occupation IN ({texts(STATE)})")} AS f0,
        {any_of("living AND occupation = 'state_pensioner'")} AS f1,
        {any_of("living AND occupation = 'certified_teacher'")} AS f2,
        {any_of("living AND occupation = 'health_worker'")} AS f3,
        {any_of("living AND occupation = 'village_official'")} AS f4,
        {any_of("living AND company_owner")} AS f5,
        max(wage) FILTER (WHERE living) AS highest,
        count(*) FILTER (WHERE registered AND living AND NOT covered_by_employer AND NOT occupation IN ({texts(FLAGGED)})) AS insured
      FROM qualified GROUP BY household),
    homes AS (SELECT *, CASE region {umk} END AS umk FROM households LEFT JOIN grouped ON id = household),
    flagged AS (SELECT *, {shared} AS shared, {component} AS components FROM homes)"""
    last = "flagged"
    for kind, step in enumerate(steps):
        query += f",\n    s{kind} AS (SELECT *, {step} FROM {last})"
        last = f"s{kind}"
    amount = " + ".join(f"k{kind} * {each}" for kind, each in enumerate(AMOUNTS))
    return query + f"""
    SELECT id, shared + {bit('components = 0', 11)} AS pkh, shared AS sembako,
      CASE WHEN shared = 0 AND components > 0 THEN {amount} ELSE 0 END AS amount,
      CASE WHEN desil <= 5 THEN {none}(insured, 0) ELSE 0 END AS insured
    FROM {last}"""


class DuckDb:
    def __init__(self, folder, wages, cores):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {cores}; SET preserve_insertion_order = false")
        for table in ["households", "members"]:
            self.connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/tables/{table}.parquet')")
        self.query = sql(wages)

    def run(self, out):
        self.connection.execute(f"COPY ({self.query}) TO '{out}' (FORMAT parquet)")


class DataFusion:
    def __init__(self, folder, wages, cores):
        import datafusion

        self.version = datafusion.__version__
        self.context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(cores))
        for table in ["households", "members"]:
            self.context.register_parquet(table, f"{folder}/tables/{table}.parquet")
        self.query = sql(wages)

    def run(self, out):
        self.context.sql(f"COPY ({self.query}) TO '{out}' STORED AS PARQUET").collect()


class Polars:
    def __init__(self, folder, wages, cores):
        import polars

        self.version = polars.__version__
        self.polars, self.folder, self.wages = polars, folder, wages
        assert polars.thread_pool_size() == cores

    def run(self, out):
        import datetime

        pl, col = self.polars, self.polars.col
        day = lambda name: pl.lit(datetime.date.fromisoformat(CUTS.get(name, DAY)))
        born, living, school = col("birth_date"), col("living"), col("school_level").cast(pl.String)
        occupation = col("occupation").cast(pl.String)
        pupil = col("attends_school") & (born <= day("six")) & (born > day("twenty_two")) & ~col("finished_sma")
        kinds = [
            (born <= day("today")) & (born > day("seven")) & ~(col("attends_school") & (school != "none")),
            pupil & (school == "sd"),
            pupil & (school == "smp"),
            pupil & (school == "sma"),
            col("disability").cast(pl.String) == "severe",
            born <= day("sixty"),
            (col("sex").cast(pl.String) == "female") & col("pregnant") & (col("pregnancy_number") <= 2),
        ]
        component = pl.lit(-1)
        for kind in reversed([0, 6, 4, 5, 3, 2, 1]):
            component = pl.when(kinds[kind]).then(pl.lit(kind)).otherwise(component)
        counted = living & col("registered")
        members = pl.scan_parquet(f"{self.folder}/tables/members.parquet").with_columns(
            living=col("died_on").is_null() | (col("died_on") > day("today")), occupation=occupation
        ).with_columns(component=pl.when(counted).then(component).otherwise(pl.lit(-1)))
        has = lambda condition: (living & condition).any()
        work = col("occupation")
        grouped = members.group_by("household").agg(
            *[(col("component") == kind).sum().cast(pl.Int64).alias(f"c{kind}") for kind in range(7)],
            living.any().alias("any_living"),
            has(work.is_in(STATE)).alias("f0"), has(work == "state_pensioner").alias("f1"),
            has(work == "certified_teacher").alias("f2"), has(work == "health_worker").alias("f3"),
            has(work == "village_official").alias("f4"), has(col("company_owner")).alias("f5"),
            pl.when(living).then(col("wage")).max().alias("highest"),
            (col("registered") & living & ~col("covered_by_employer") & ~work.is_in(FLAGGED)).sum().cast(pl.Int64).alias("insured"),
        )
        umk = col("region").cast(pl.String).replace_strict(list(self.wages), list(self.wages.values()), return_dtype=pl.Int64)
        no = lambda name: col(name).fill_null(False)
        count = lambda name: col(name).fill_null(0)
        flags = [no(f"f{n}") for n in range(6)] + [
            count("highest") > umk, col("electricity_va") >= 2200,
            col("has_car") | (col("vehicle_value") > 30_000_000) | (col("motorbikes") > 1), col("desil") > 4, ~no("any_living"),
        ]
        shared = sum((flag.cast(pl.Int64) * (1 << n) for n, flag in enumerate(flags)), pl.lit(0))
        homes = pl.scan_parquet(f"{self.folder}/tables/households.parquet").join(
            grouped, left_on="id", right_on="household", how="left"
        ).with_columns(shared=shared, components=sum((count(f"c{n}") for n in range(7)), pl.lit(0)))
        for kind in range(7):
            most = [count(f"c{kind}"), 4 - sum((col(f"k{n}") for n in range(kind)), pl.lit(0))]
            if kind == 0:
                most.append(pl.lit(2))
            if kind < 4:
                most.append(3 - sum((col(f"k{n}") for n in range(kind)), pl.lit(0)))
            homes = homes.with_columns(pl.min_horizontal(most).alias(f"k{kind}"))
        amount = sum((col(f"k{kind}") * each for kind, each in enumerate(AMOUNTS)), pl.lit(0))
        is_eligible = (col("shared") == 0) & (col("components") > 0)
        homes.select(
            "id",
            (col("shared") + (col("components") == 0).cast(pl.Int64) * 2048).alias("pkh"),
            col("shared").alias("sembako"),
            pl.when(is_eligible).then(amount).otherwise(0).alias("amount"),
            pl.when(col("desil") <= 5).then(count("insured")).otherwise(0).alias("insured"),
        ).sink_parquet(out, engine="streaming", maintain_order=False)


class OpenFisca:
    """Vectors of numpy; dates and codes are numbers, as they come from the file."""

    def __init__(self, folder, wages, cores):
        import importlib.metadata

        import numpy
        from openfisca_core import entities, periods, taxbenefitsystems, variables

        self.version = importlib.metadata.version("OpenFisca-Core")
        self.folder, self.wages = folder, wages
        home = entities.GroupEntity("household", "households", "", "", roles=[{"key": "member", "plural": "members"}])
        person = entities.Entity("person", "persons", "", "")
        system = taxbenefitsystems.TaxBenefitSystem([person, home])
        self.system = system
        day = lambda name: int(numpy.datetime64(CUTS.get(name, DAY), "D").astype(int))

        def add(name, entity, kind, formula=None, **more):
            members = {"value_type": kind, "entity": entity, "definition_period": periods.DateUnit.MONTH, **more}
            if formula:
                members["formula"] = formula
            system.add_variable(type(name, (variables.Variable,), members))

        for name in ["born", "died", "pregnancy_number", "wage"]:
            add(name, person, int)
        for name in ["registered", "pregnant", "attends_school", "finished_sma", "company_owner", "covered_by_employer"]:
            add(name, person, bool)
        for name in ["sex", "school_level", "disability", "occupation"]:
            add(name, person, int)
        for name in ["umk", "desil", "electricity_va", "motorbikes", "vehicle_value"]:
            add(name, home, int)
        add("has_car", home, bool)
        self.codes = {}

        def code(name, text):
            return self.codes[name].index(text)

        def is_in(person, period, texts):
            codes = [code("occupation", text) for text in texts]
            return numpy.isin(person("occupation", period), codes)

        add("living", person, bool, lambda person, period: person("died", period) > day("today"))
        add("pupil", person, bool, lambda person, period: person("attends_school", period)
            & (person("born", period) <= day("six")) & (person("born", period) > day("twenty_two"))
            & ~person("finished_sma", period))

        def component(person, period):
            born, level = person("born", period), person("school_level", period)
            pupil, attends = person("pupil", period), person("attends_school", period)
            at = lambda text: pupil & (level == code("school_level", text))
            kinds = [
                (born <= day("today")) & (born > day("seven")) & ~(attends & (level != code("school_level", "none"))),
                at("sd"), at("smp"), at("sma"),
                person("disability", period) == code("disability", "severe"),
                born <= day("sixty"),
                (person("sex", period) == code("sex", "female")) & person("pregnant", period)
                & (person("pregnancy_number", period) <= 2),
            ]
            order = [0, 6, 4, 5, 3, 2, 1]
            chosen = numpy.select([kinds[kind] for kind in order], order, -1)
            return numpy.where(person("living", period) & person("registered", period), chosen, -1)

        add("component", person, int, component)

        def shared(home, period):
            members, living = home.members, home.members("living", period)
            any_of = lambda texts: home.any(living & is_in(members, period, texts))
            flags = [
                any_of(STATE), any_of(["state_pensioner"]), any_of(["certified_teacher"]), any_of(["health_worker"]),
                any_of(["village_official"]), home.any(living & members("company_owner", period)),
                home.any(living & (members("wage", period) > home.project(home("umk", period)))),
                home("electricity_va", period) >= 2200,
                home("has_car", period) | (home("vehicle_value", period) > 30_000_000) | (home("motorbikes", period) > 1),
                home("desil", period) > 4, ~home.any(living),
            ]
            return sum(flag.astype(int) << n for n, flag in enumerate(flags))

        add("shared", home, int, shared)
        def counted(kind):
            return lambda home, period: home.sum(home.members("component", period) == kind)

        def kept(kind):
            def formula(home, period):
                before = [home(f"k{n}", period) for n in range(kind)]
                most = numpy.minimum(home(f"c{kind}", period), 4 - sum(before))
                if kind == 0:
                    most = numpy.minimum(most, 2)
                if kind < 4:
                    most = numpy.minimum(most, 3 - sum(before))
                return most

            return formula

        for kind in range(7):
            add(f"c{kind}", home, int, counted(kind))
            add(f"k{kind}", home, int, kept(kind))
        add("components", home, int, lambda home, period: sum(home(f"c{n}", period) for n in range(7)))
        add("pkh", home, int, lambda home, period: home("shared", period) + (home("components", period) == 0) * 2048)
        add("amount", home, int, lambda home, period: (home("pkh", period) == 0)
            * sum(home(f"k{n}", period) * each for n, each in enumerate(AMOUNTS)))

        def insured(home, period):
            members = home.members
            each = members("registered", period) & members("living", period) & ~members("covered_by_employer", period)
            count = home.sum(each & ~is_in(members, period, FLAGGED))
            return numpy.where(home("desil", period) <= 5, count, 0)

        add("insured", home, int, insured)

    def run(self, out):
        import numpy
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
        from openfisca_core.simulations import SimulationBuilder

        homes = pyarrow.parquet.read_table(f"{self.folder}/tables/households.parquet")
        members = pyarrow.parquet.read_table(f"{self.folder}/tables/members.parquet")
        period = "2026-02"

        def codes(table, name):
            column = pyarrow.compute.dictionary_encode(table[name].cast(pyarrow.string())).combine_chunks()
            self.codes[name] = column.dictionary.to_pylist() + [t for t in ["none", "sd", "smp", "sma", "severe", "female"] + FLAGGED
                                                               if t not in column.dictionary.to_pylist()]
            return column.indices.to_numpy(zero_copy_only=False)

        plain = lambda table, name: table[name].to_numpy()
        money = lambda table, name: pyarrow.compute.cast(table[name], pyarrow.int64()).to_numpy()
        days = lambda name: pyarrow.compute.cast(members[name], pyarrow.int32())
        place = pyarrow.compute.index_in(members["household"], homes["id"].combine_chunks()).to_numpy()
        region = codes(homes, "region")
        umk = numpy.array([self.wages.get(text, 0) for text in self.codes["region"]])[region]
        builder = SimulationBuilder()
        builder.create_entities(self.system)
        builder.declare_person_entity("person", numpy.arange(len(place)))
        group = builder.declare_entity("household", numpy.arange(len(homes)))
        builder.join_with_persons(group, place, numpy.full(len(place), "member"))
        # It takes every household for one with members, and numbers them anew.
        group.members_entity_id = place
        simulation = builder.build(self.system)
        put = lambda name, values: simulation.set_input(name, period, values)
        put("born", days("birth_date").to_numpy())
        put("died", days("died_on").fill_null(2**31 - 1).to_numpy())
        for name in ["pregnancy_number", "registered", "pregnant", "attends_school", "finished_sma", "company_owner",
                     "covered_by_employer"]:
            put(name, plain(members, name))
        for name in ["sex", "school_level", "disability", "occupation"]:
            put(name, codes(members, name))
        put("wage", money(members, "wage"))
        put("umk", umk)
        for name in ["desil", "electricity_va", "motorbikes", "has_car"]:
            put(name, plain(homes, name))
        put("vehicle_value", money(homes, "vehicle_value"))
        told = {"id": homes["id"]}
        for name, variable in [("pkh", "pkh"), ("sembako", "shared"), ("amount", "amount"), ("insured", "insured")]:
            told[name] = simulation.calculate(variable, period)
        pyarrow.parquet.write_table(pyarrow.table(told), out)


ENGINES = {"Polars (streaming)": Polars, "DuckDB": DuckDb, "DataFusion": DataFusion, "OpenFisca": OpenFisca}


def hold(out, folder):
    """Holds what an engine wrote to Layak's decisions, household by household."""
    import pyarrow.parquet

    told = {row["id"]: row for row in pyarrow.parquet.read_table(out).to_pylist()}
    decisions = pyarrow.parquet.read_table(f"{folder}/decisions.parquet", columns=["id", "pkh", "sembako", "pbi_jk"])
    count = 0
    for row in decisions.to_pylist():
        own = told[row["id"]]
        amount = row["pkh"]["outputs"]["amount_per_year"] if row["pkh"]["outcome"] == "eligible" else 0
        names = lambda mask: sorted(name for n, name in enumerate(CRITERIA) if mask >> n & 1)
        sembako = [name.replace("desil_within_sembako", "desil_within_pkh") for name in row["sembako"]["reasons"]]
        insured = sum(member["outcome"] == "eligible" for member in row["pbi_jk"])
        expected = (sorted(row["pkh"]["reasons"]), sorted(sembako), int(amount), insured)
        given = (names(int(own["pkh"])), names(int(own["sembako"])), int(own["amount"]), int(own["insured"]))
        if given != expected:
            raise SystemExit(f"{row['id']}: {given}, and Layak decides {expected}")
        count += 1
    if count != len(told):
        raise SystemExit(f"{len(told)} households, and Layak decides {count}")
    return count


def engine(name, cores, folder, umk):
    """One engine, in this process: held to Layak's decisions, then timed."""
    made = ENGINES[name](folder, minimum_wages(umk), cores)
    out = f"{folder}/told.parquet"
    made.run(out)
    count = hold(out, folder)
    best = float("inf")
    # On one core the time that it spent on this process, so that other work counts little; on two the time that passed.
    clock = time.process_time if cores == 1 else time.perf_counter
    for _ in range(RUNS):
        begun = clock()
        made.run(out)
        best = min(best, clock() - begun)
    print(json.dumps({"version": made.version, "ns": best * 1e9 / count, "households": count}))


def on_cores(cores, call):
    """Runs a call on so many cores alone, and gives what it prints."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(cores), "OMP_NUM_THREADS": str(cores)}
    own = sorted(os.sched_getaffinity(0))[:cores]
    run = subprocess.run(
        call, env=environment, stdout=subprocess.PIPE, text=True, check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, own),
    )
    return json.loads(run.stdout)


def main(folder, decided, umk):
    cores = [count for count in [1, 2] if count <= len(os.sched_getaffinity(0))]
    layak = {count: on_cores(count, [decided, folder, str(count)]) for count in cores}
    households = layak[1]["households"]
    for numbers in ["numbers", "by_hand"]:
        hold(f"{folder}/{numbers}.parquet", folder)
    rows = [(name, layak[1]["version"], {count: layak[count][of] for count in cores})
            for name, of in [("Layak, the four numbers", "tables_numbers"), ("the same from one nested file", "nested_numbers"),
                             ("Layak, every programme and member with reasons", "tables"), ("the same from one nested file", "nested")]]
    rows.insert(2, ("the same by hand, in Rust", "–", {1: layak[1]["by_hand"]}))
    rows.append(("all of these decisions, written and no more", "–", {1: layak[1]["written"]}))
    for name in ENGINES:
        told = {}
        for count in cores:
            told[count] = on_cores(count, [sys.executable, __file__, "--engine", name, "--cores", str(count), folder, umk])
        rows.append((name, told[1]["version"], {count: told[count]["ns"] for count in cores}))
    print(f"{households} households, decided alike by all\n")
    print("| two Parquet tables to one of decisions | version |" + "".join(f" {count} core{'s' * (count > 1)}, ns each | ratio |" for count in cores))
    print("| --- | --- |" + " ---: | ---: |" * len(cores))
    for name, version, times in rows:
        cells = "".join(f" {times[n]:.0f} | {times[n] / rows[0][2][n]:.2f} |" if n in times else " – | – |" for n in cores)
        print(f"| {name} | {version} |{cells}")


if __name__ == "__main__":
    if sys.argv[1] == "--engine":
        engine(sys.argv[2], int(sys.argv[4]), sys.argv[5], sys.argv[6])
    else:
        main(*sys.argv[1:4])
