"""Other engines on Parquet files of households, from file to file; see `run`.

Called with FOLDER DECIDED UMK it runs each engine in a process of its own, on one core and on two, and prints the table.
Called with --engine NAME --cores N FOLDER UMK it is such a process.

An engine is asked for two things: four numbers a household, which criteria fail of two programmes (as bits), an amount and how many are
insured; and the decisions, a row a household as Layak writes it: outcome, outputs and reasons of each programme and of each member.
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
# Of a member, by bit: the criterion that fails.
OF_MEMBERS = ["desil_within_pbi", "person_registered", "person_alive", "employer_covered", "flagged_occupation"]
OF_SEMBAKO = [name.replace("desil_within_pkh", "desil_within_sembako") for name in CRITERIA[:-1]]
PREMIUM, SEMBAKO = 42_000, 200_000
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


def reasons(criteria):
    """By the bits of the criteria that fail: their names. Of the ways tried, to take a list that is made cost least."""
    return [[name for n, name in enumerate(criteria) if mask >> n & 1] for mask in range(1 << len(criteria))]


def reason_tables():
    """The reasons of members, of PKH and of Sembako as tables to join with."""
    import pyarrow

    tables = {}
    for name, criteria in [("member_reasons", OF_MEMBERS), ("pkh_reasons", CRITERIA), ("sembako_reasons", OF_SEMBAKO)]:
        lists = reasons(criteria)
        tables[name] = pyarrow.table({"mask": pyarrow.array(range(len(lists)), pyarrow.int64()), "reasons": lists})
    return tables


def sql(wages, struct=None, collect=None):
    """The rules as one query over the tables `households` and `members`: to four numbers, or to decisions if it is told how the dialect writes a
    struct and a list of what stands in the rows of a group."""
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
    is_flagged = f"occupation IN ({texts(FLAGGED)})"
    whole = lambda value: f"CAST({value} AS DECIMAL(18, 2))"
    told = lambda holds, outputs, reasons: {
        "outcome": f"CASE WHEN {holds} THEN 'eligible' ELSE 'not_eligible' END",
        "outputs": struct({name: f"CASE WHEN {holds} THEN {value} END" for name, value in outputs.items()}),
        "reasons": reasons,
    }
    if struct:
        fails = ["decile > 5", "NOT registered", "NOT living", "covered_by_employer", is_flagged]
        mask = " + ".join(bit(fail, n) for n, fail in enumerate(fails))
        persons = f"""(SELECT * FROM (SELECT *, {mask} AS failing FROM qualified JOIN (SELECT id AS home, desil AS decile FROM households)
          ON household = home) JOIN member_reasons ON failing = mask)"""
        member = struct({"member": "nik", **told("failing = 0", {"premium_per_month": whole(PREMIUM)}, "reasons")})
        of_members = f"{collect(member)} AS pbi_jk"
    else:
        persons = "qualified"
        of_members = f"count(*) FILTER (WHERE registered AND living AND NOT covered_by_employer AND NOT {is_flagged}) AS insured"
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
        max(wage) FILTER (WHERE living) AS highest, {of_members}
      FROM {persons} GROUP BY household),
    homes AS (SELECT *, CASE region {umk} END AS umk FROM households LEFT JOIN grouped ON id = household),
    flagged AS (SELECT *, {shared} AS shared, {component} AS components FROM homes)"""
    last = "flagged"
    for kind, step in enumerate(steps):
        query += f",\n    s{kind} AS (SELECT *, {step} FROM {last})"
        last = f"s{kind}"
    amount = " + ".join(f"k{kind} * {each}" for kind, each in enumerate(AMOUNTS))
    pkh = f"shared + {bit('components = 0', 11)}"
    if struct:
        amounts = {
            "amount_per_year": whole(amount), "amount_per_quarter": whole(f"({amount}) / 4"),
            "counted_members": " + ".join(f"k{kind}" for kind in range(7)),
        }
        help = {"amount_per_month": whole(SEMBAKO), "amount_per_quarter": whole(3 * SEMBAKO)}
        return query + f"""
    SELECT id, pbi_jk, {struct(told('shared = 0 AND components > 0', amounts, 'p.reasons'))} AS pkh,
      {struct(told('shared = 0', help, 's.reasons'))} AS sembako
    FROM {last} JOIN pkh_reasons p ON p.mask = {pkh} JOIN sembako_reasons s ON s.mask = shared"""
    return query + f"""
    SELECT id, {pkh} AS pkh, shared AS sembako,
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
        for name, table in reason_tables().items():
            self.connection.register("arrow", table)
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow")
        struct = lambda fields: "struct_pack(" + ", ".join(f"{name} := {value}" for name, value in fields.items()) + ")"
        self.queries = {"numbers": sql(wages), "decisions": sql(wages, struct, "list({})".format)}

    def run(self, asked, out):
        self.connection.execute(f"COPY ({self.queries[asked]}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")


class DataFusion:
    def __init__(self, folder, wages, cores):
        import datafusion

        self.version = datafusion.__version__
        self.context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(cores))
        for table in ["households", "members"]:
            self.context.register_parquet(table, f"{folder}/tables/{table}.parquet")
        for name, table in reason_tables().items():
            self.context.from_arrow(table, name)
        struct = lambda fields: "named_struct(" + ", ".join(f"'{name}', {value}" for name, value in fields.items()) + ")"
        self.queries = {"numbers": sql(wages), "decisions": sql(wages, struct, "array_agg({})".format)}

    def run(self, asked, out):
        self.context.sql(f"COPY ({self.queries[asked]}) TO '{out}' STORED AS PARQUET OPTIONS (compression snappy)").collect()


class Polars:
    def __init__(self, folder, wages, cores):
        import polars

        self.version = polars.__version__
        self.polars, self.folder, self.wages = polars, folder, wages
        assert polars.thread_pool_size() == cores

    def run(self, asked, out):
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
        whole = lambda value: value.cast(pl.Decimal(18, 2))
        bits = lambda conditions: sum((each.cast(pl.Int64) * (1 << n) for n, each in enumerate(conditions)), pl.lit(0))
        told = lambda holds, outputs, mask, criteria: {
            "outcome": pl.when(holds).then(pl.lit("eligible")).otherwise(pl.lit("not_eligible")),
            "outputs": pl.struct(**{name: pl.when(holds).then(value) for name, value in outputs.items()}),
            "reasons": pl.lit(pl.Series(reasons(criteria), dtype=pl.List(pl.String))).gather(mask),
        }
        households = pl.scan_parquet(f"{self.folder}/tables/households.parquet")
        if asked == "decisions":
            fails = [col("decile") > 5, ~col("registered"), ~living, col("covered_by_employer"), work.is_in(FLAGGED)]
            premium = {"premium_per_month": whole(pl.lit(PREMIUM))}
            members = members.join(
                households.select("id", decile="desil"), left_on="household", right_on="id", how="left"
            ).with_columns(failing=bits(fails)).with_columns(
                pbi_jk=pl.struct(member="nik", **told(col("failing") == 0, premium, col("failing"), OF_MEMBERS))
            )
            of_members = col("pbi_jk")
        else:
            insured = col("registered") & living & ~col("covered_by_employer") & ~work.is_in(FLAGGED)
            of_members = insured.sum().cast(pl.Int64).alias("insured")
        grouped = members.group_by("household").agg(
            *[(col("component") == kind).sum().cast(pl.Int64).alias(f"c{kind}") for kind in range(7)],
            living.any().alias("any_living"),
            has(work.is_in(STATE)).alias("f0"), has(work == "state_pensioner").alias("f1"),
            has(work == "certified_teacher").alias("f2"), has(work == "health_worker").alias("f3"),
            has(work == "village_official").alias("f4"), has(col("company_owner")).alias("f5"),
            pl.when(living).then(col("wage")).max().alias("highest"), of_members,
        )
        umk = col("region").cast(pl.String).replace_strict(list(self.wages), list(self.wages.values()), return_dtype=pl.Int64)
        no = lambda name: col(name).fill_null(False)
        count = lambda name: col(name).fill_null(0)
        flags = [no(f"f{n}") for n in range(6)] + [
            count("highest") > umk, col("electricity_va") >= 2200,
            col("has_car") | (col("vehicle_value") > 30_000_000) | (col("motorbikes") > 1), col("desil") > 4, ~no("any_living"),
        ]
        homes = households.join(grouped, left_on="id", right_on="household", how="left").with_columns(
            shared=bits(flags), components=sum((count(f"c{n}") for n in range(7)), pl.lit(0))
        )
        for kind in range(7):
            most = [count(f"c{kind}"), 4 - sum((col(f"k{n}") for n in range(kind)), pl.lit(0))]
            if kind == 0:
                most.append(pl.lit(2))
            if kind < 4:
                most.append(3 - sum((col(f"k{n}") for n in range(kind)), pl.lit(0)))
            homes = homes.with_columns(pl.min_horizontal(most).alias(f"k{kind}"))
        amount = sum((col(f"k{kind}") * each for kind, each in enumerate(AMOUNTS)), pl.lit(0))
        homes = homes.with_columns(pkh=bits([col("components") == 0]) * 2048 + col("shared"))
        is_eligible = col("pkh") == 0
        if asked == "decisions":
            amounts = {"amount_per_year": whole(amount), "amount_per_quarter": whole(amount // 4),
                       "counted_members": sum((col(f"k{kind}") for kind in range(7)), pl.lit(0))}
            help = {"amount_per_month": whole(pl.lit(SEMBAKO)), "amount_per_quarter": whole(pl.lit(3 * SEMBAKO))}
            answers = [
                "pbi_jk", pl.struct(**told(is_eligible, amounts, col("pkh"), CRITERIA)).alias("pkh"),
                pl.struct(**told(col("shared") == 0, help, col("shared"), OF_SEMBAKO)).alias("sembako"),
            ]
        else:
            answers = [
                "pkh", col("shared").alias("sembako"), pl.when(is_eligible).then(amount).otherwise(0).alias("amount"),
                pl.when(col("desil") <= 5).then(count("insured")).otherwise(0).alias("insured"),
            ]
        homes.select("id", *answers).sink_parquet(out, engine="streaming", maintain_order=False, compression="snappy")


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

        def failing(person, period):
            decile = person.household("desil", period)
            fails = [decile > 5, ~person("registered", period), ~person("living", period), person("covered_by_employer", period),
                     is_in(person, period, FLAGGED)]
            return sum(fail.astype(int) << n for n, fail in enumerate(fails))

        add("failing", person, int, failing)

    def run(self, asked, out):
        import decimal

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
        calculate = lambda name: simulation.calculate(name, period)
        if asked == "numbers":
            told = {"pkh": calculate("pkh"), "sembako": calculate("shared"), "amount": calculate("amount"), "insured": calculate("insured")}
            pyarrow.parquet.write_table(pyarrow.table({"id": homes["id"], **told}), out)
            return

        def struct(fields):
            return pyarrow.StructArray.from_arrays(list(fields.values()), list(fields))

        def answer(failing, outputs, criteria):
            holds = pyarrow.array(failing == 0)
            none = lambda values: pyarrow.compute.if_else(holds, values, pyarrow.scalar(None, values.type))
            return {
                "outcome": pyarrow.compute.if_else(holds, "eligible", "not_eligible"),
                "outputs": struct({name: none(values) for name, values in outputs.items()}),
                "reasons": pyarrow.array(reasons(criteria)).take(pyarrow.array(failing)),
            }

        whole = lambda values: pyarrow.array(values).cast(pyarrow.decimal128(19, 0)).cast(pyarrow.decimal128(21, 2))
        equal = lambda value, count: pyarrow.repeat(pyarrow.scalar(decimal.Decimal(value), pyarrow.decimal128(18, 2)), count)
        order = numpy.argsort(place, kind="stable")
        failing, shared, amount = calculate("failing")[order], calculate("shared"), calculate("amount")
        niks = members["nik"].combine_chunks().take(pyarrow.array(order))
        member = struct({"member": niks, **answer(failing, {"premium_per_month": equal(PREMIUM, len(order))}, OF_MEMBERS)})
        ends = numpy.concatenate([[0], numpy.cumsum(numpy.bincount(place, minlength=len(homes)))])
        amounts = {"amount_per_year": whole(amount), "amount_per_quarter": whole(amount // 4),
                   "counted_members": pyarrow.array(sum(calculate(f"k{kind}") for kind in range(7)))}
        help = {"amount_per_month": equal(SEMBAKO, len(homes)), "amount_per_quarter": equal(3 * SEMBAKO, len(homes))}
        told = {
            "pbi_jk": pyarrow.ListArray.from_arrays(pyarrow.array(ends, pyarrow.int32()), member),
            "pkh": struct(answer(calculate("pkh"), amounts, CRITERIA)), "sembako": struct(answer(shared, help, OF_SEMBAKO)),
        }
        pyarrow.parquet.write_table(pyarrow.table({"id": homes["id"], **told}), out)


ENGINES = {"Polars (streaming)": Polars, "DuckDB": DuckDb, "DataFusion": DataFusion, "OpenFisca": OpenFisca}


def read(path, columns=None):
    """The rows of a file by the household's id."""
    import pyarrow.parquet

    # A whole file of structs in lists is more than pyarrow reads at once.
    batches = pyarrow.parquet.ParquetFile(path).iter_batches(columns=columns)
    return {row["id"]: row for batch in batches for row in batch.to_pylist()}


def decided(folder):
    """Layak's decisions: of each programme and member the outcome, outputs and reasons."""
    asked = ["outcome", "outputs", "reasons"]
    columns = [f"{programme}.{name}" for programme in ["pkh", "sembako"] for name in asked]
    return read(f"{folder}/decisions.parquet", ["id", *columns, *(f"pbi_jk.list.item.{name}" for name in ["member", *asked])])


def numbers(row):
    """The four numbers of a decision, in words."""
    amount = row["pkh"]["outputs"]["amount_per_year"] if row["pkh"]["outcome"] == "eligible" else 0
    insured = sum(member["outcome"] == "eligible" for member in row["pbi_jk"])
    return sorted(row["pkh"]["reasons"]), sorted(row["sembako"]["reasons"]), int(amount), insured


def words(row):
    """What four numbers say, in the same words."""
    names = lambda mask, criteria: sorted(name for n, name in enumerate(criteria) if mask >> n & 1)
    return (names(int(row["pkh"]), CRITERIA), names(int(row["sembako"]), OF_SEMBAKO), int(row["amount"]), int(row["insured"]))


def whole_decision(row):
    """A decision, without the order of reasons and members; a household without members may have no list of them."""
    answer = lambda given: (given["outcome"], given["outputs"], sorted(given["reasons"]))
    members = sorted((member["member"], *answer(member)) for member in row["pbi_jk"] or [])
    return answer(row["pkh"]), answer(row["sembako"]), members


def hold(asked, out, decisions):
    """Holds what an engine wrote to Layak's decisions, household by household."""
    expects, says = (numbers, words) if asked == "numbers" else (whole_decision, whole_decision)
    told = read(out)
    if told.keys() != decisions.keys():
        raise SystemExit(f"{out}: {len(told)} households, and Layak decides {len(decisions)}")
    for key, row in decisions.items():
        given, expected = says(told[key]), expects(row)
        if given != expected:
            raise SystemExit(f"{out}: {key}: {given}, and Layak decides {expected}")


def engine(name, cores, folder, umk):
    """One engine, in this process: held to Layak's decisions, then timed."""
    made = ENGINES[name](folder, minimum_wages(umk), cores)
    files = {asked: f"{folder}/told_{asked}.parquet" for asked in ["numbers", "decisions"]}
    decisions, told = decided(folder), {"version": made.version}
    for asked, out in files.items():
        made.run(asked, out)
        hold(asked, out, decisions)
    households = len(decisions)
    # So many objects would be gone through again and again while it is timed.
    del decisions
    # On one core the time that it spent on this process, so that other work counts little; on two the time that passed.
    clock = time.process_time if cores == 1 else time.perf_counter
    for asked, out in files.items():
        best = float("inf")
        for _ in range(RUNS):
            begun = clock()
            made.run(asked, out)
            best = min(best, clock() - begun)
        told[asked] = best * 1e9 / households
    print(json.dumps(told))


def on_cores(cores, call):
    """Runs a call on so many cores alone, and gives what it prints."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(cores), "OMP_NUM_THREADS": str(cores)}
    own = sorted(os.sched_getaffinity(0))[:cores]
    run = subprocess.run(
        call, env=environment, stdout=subprocess.PIPE, text=True, check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, own),
    )
    return json.loads(run.stdout)


def table(title, rows, cores):
    """Prints rows of a name, a version and the times by cores, the first of which the others are held to."""
    print(f"\n| {title} | version |" + "".join(f" {count} core{'s' * (count > 1)}, ns each | ratio |" for count in cores))
    print("| --- | --- |" + " ---: | ---: |" * len(cores))
    for name, version, times in rows:
        cells = "".join(f" {times[n]:.0f} | {times[n] / rows[0][2][n]:.2f} |" if n in times else " – | – |" for n in cores)
        print(f"| {name} | {version} |{cells}")


def main(folder, program, umk):
    cores = [count for count in [1, 2] if count <= len(os.sched_getaffinity(0))]
    layak = {count: on_cores(count, [program, folder, str(count)]) for count in cores}
    households = layak[1]["households"]
    decisions = decided(folder)
    if len(decisions) != households:
        raise SystemExit(f"{len(decisions)} decisions of {households} households")
    for told in ["numbers", "by_hand"]:
        hold("numbers", f"{folder}/{told}.parquet", decisions)
    del decisions
    own = lambda name, of: (name, layak[1]["version"], {count: layak[count][of] for count in cores})
    by_hand = lambda name, of: (name, "–", {1: layak[1][of]})
    tables = {
        "numbers": [own("Layak", "tables_numbers"), own("the same from one nested file", "nested_numbers"),
                    by_hand("by hand, in Rust, from one nested file", "by_hand")],
        "decisions": [own("Layak, with what is missing, bounds, findings and errors", "tables"), own("the same from one nested file", "nested"),
                      by_hand("these decisions written, and no more", "written")],
    }
    for name in ENGINES:
        call = [sys.executable, __file__, "--engine", name, "--cores"]
        told = {count: on_cores(count, [*call, str(count), folder, umk]) for count in cores}
        for asked, rows in tables.items():
            rows.append((name, told[1]["version"], {count: told[count][asked] for count in cores}))
    print(f"{households} households, decided alike by all")
    table("two Parquet tables to four numbers each", tables["numbers"], cores)
    table("two Parquet tables to decisions with reasons", tables["decisions"], cores)


if __name__ == "__main__":
    if sys.argv[1] == "--engine":
        engine(sys.argv[2], int(sys.argv[4]), sys.argv[5], sys.argv[6])
    else:
        main(*sys.argv[1:4])
