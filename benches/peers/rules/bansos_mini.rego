package bansos_mini

minimum_wage := object.get(data.minimum_wages, input.region, 2500000)

default state_job := false

state_job if {
	some person in input.members
	person.occupation in {"civil_servant", "military", "police", "pensioner"}
}

wage if {
	some person in input.members
	person.monthly_wage > minimum_wage
}

class(person) := "pregnant" if {
	person.pregnant
	person.sex == "F"
} else := "small child" if {
	person.birth_date > "2019-01-01"
} else := "elderly or disabled" if {
	person.birth_date <= "1966-01-01"
} else := "elderly or disabled" if {
	person.disability == "severe"
} else := person.school_level if {
	person.attends_school
	person.birth_date <= "2020-01-01"
	person.birth_date > "2004-01-01"
} else := "none"

amounts := {"elderly or disabled": 2400000, "sma": 2000000, "smp": 1500000, "sd": 900000}

classes := [class(person) | some person in input.members]

pregnant := [3000000 | some c in classes; c == "pregnant"]

children := [3000000 | some c in classes; c == "small child"]

# 0 for all other classes: the bytecode would keep an undefined value in the list.
others := [object.get(amounts, c, 0) | some c in classes]

counted := array.concat(array.concat(array.slice(pregnant, 0, 2), array.slice(children, 0, 2)), others)

amount := sum(array.slice(array.reverse(sort(counted)), 0, 4))

reason := 1 if {
	state_job
} else := 2 if {
	wage
} else := 3 if {
	input.electricity_va > 1300
} else := 4 if {
	input.has_car
} else := 5 if {
	input.land_m2 > 5000
} else := 6 if {
	input.desil > 4
} else := 7 if {
	amount == 0
} else := 0

default pkh_amount := 0

pkh_amount := amount if reason == 0

default sembako_amount := 0

sembako_amount := 200000 * 12 if reason in {0, 7}

default pbi := false

pbi if {
	input.desil <= 5
	not state_job
}

default covered := 0

covered := count(input.members) if pbi

decision := {
	"pkh": reason == 0,
	"sembako": reason in {0, 7},
	"pbi": pbi,
	"pkh_amount": pkh_amount,
	"sembako_amount": sembako_amount,
	"covered": covered,
	"reason": reason,
}
