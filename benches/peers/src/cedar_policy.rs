//! Cedar: policies that answer yes or no. It neither counts nor goes through a list of records, so that each member is asked about by itself, and amounts
//! and numbers of members are left out.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, Response, RestrictedExpression,
};
use serde_json::Value;

use crate::engine::{Decided, Engine};
use crate::household;

pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    /// The regions that have a minimum wage of their own.
    regions: Entities,
    receive: EntityUid,
    be_insured: EntityUid,
    earn: EntityUid,
    count: EntityUid,
    /// Whom all is asked of, and for what.
    household: EntityUid,
    help: EntityUid,
}

/// What is asked of a household and of each of its members.
pub struct Requests {
    receive: Request,
    be_insured: Request,
    earn: Vec<Request>,
    count: Vec<Request>,
}

impl Cedar {
    pub fn new() -> Cedar {
        let regions = household::minimum_wages().into_iter().map(|(region, wage)| {
            let wage = [("minimum_wage".to_owned(), RestrictedExpression::new_long(wage))];
            Entity::new(uid("Region", &region), wage.into(), [].into()).unwrap()
        });
        Cedar {
            authorizer: Authorizer::new(),
            policies: include_str!("../rules/bansos_mini.cedar").parse().unwrap(),
            regions: Entities::from_entities(regions, None).unwrap(),
            receive: uid("Action", "receive"),
            be_insured: uid("Action", "be_insured"),
            earn: uid("Action", "earn"),
            count: uid("Action", "count"),
            household: uid("Household", "this"),
            help: uid("Help", "this"),
        }
    }

    fn request(&self, action: &EntityUid, context: Context) -> Request {
        Request::new(self.household.clone(), action.clone(), self.help.clone(), context, None).unwrap()
    }

    fn answer(&self, request: &Request) -> Response {
        self.authorizer.is_authorized(request, &self.policies, &self.regions)
    }

    fn is_allowed(&self, request: &Request) -> bool {
        self.answer(request).decision() == Decision::Allow
    }

    fn reason(&self, requests: &Requests) -> i64 {
        let answer = self.answer(&requests.receive);
        let refused = match answer.decision() {
            Decision::Allow => None,
            Decision::Deny => answer.diagnostics().reason().map(|policy| self.number(policy)).min(),
        };
        if refused != Some(1) && !requests.earn.iter().all(|member| self.is_allowed(member)) {
            return 2;
        }
        refused.unwrap_or_else(|| if requests.count.iter().any(|member| self.is_allowed(member)) { 0 } else { 7 })
    }

    /// The number that a policy bears.
    fn number(&self, policy: &cedar_policy::PolicyId) -> i64 {
        self.policies.annotation(policy, "reason").unwrap().parse().unwrap()
    }
}

impl Engine for Cedar {
    type Facts = Requests;

    fn facts(&self, household: &Value) -> Requests {
        let members = household["members"].as_array().unwrap();
        let region = RestrictedExpression::new_entity_uid(uid("Region", text(&household["region"])));
        let home = context([
            ("occupations", RestrictedExpression::new_set(members.iter().map(|member| string(&member["occupation"])))),
            ("electricity_va", long(&household["electricity_va"])),
            ("has_car", boolean(&household["has_car"])),
            ("land_m2", RestrictedExpression::new_decimal(format!("{:.2}", household["land_m2"].as_f64().unwrap()))),
            ("desil", long(&household["desil"])),
        ]);
        let members = members.iter().map(|member| {
            let facts = context([
                ("region", region.clone()),
                ("monthly_wage", long(&member["monthly_wage"])),
                ("birth_date", RestrictedExpression::new_datetime(text(&member["birth_date"]))),
                ("sex", string(&member["sex"])),
                ("pregnant", boolean(&member["pregnant"])),
                ("school_level", string(&member["school_level"])),
                ("attends_school", boolean(&member["attends_school"])),
                ("disability", string(&member["disability"])),
            ]);
            (self.request(&self.earn, facts.clone()), self.request(&self.count, facts))
        });
        let (earn, count) = members.unzip();
        Requests {
            receive: self.request(&self.receive, home.clone()),
            be_insured: self.request(&self.be_insured, home),
            earn,
            count,
        }
    }

    fn decide(&mut self, requests: &mut Requests) -> Decided {
        let reason = self.reason(requests);
        let pbi = self.is_allowed(&requests.be_insured);
        Decided { pkh: reason == 0, sembako: matches!(reason, 0 | 7), pbi, reason, ..Decided::default() }
    }

    fn expressed(whole: Decided) -> Decided {
        Decided { pkh_amount: 0, sembako_amount: 0, covered: 0, ..whole }
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().unwrap(), id.parse().unwrap())
}

fn context<const N: usize>(facts: [(&str, RestrictedExpression); N]) -> Context {
    Context::from_pairs(facts.map(|(name, value)| (name.to_owned(), value))).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn string(value: &Value) -> RestrictedExpression {
    RestrictedExpression::new_string(text(value).to_owned())
}

fn long(value: &Value) -> RestrictedExpression {
    RestrictedExpression::new_long(value.as_i64().unwrap())
}

fn boolean(value: &Value) -> RestrictedExpression {
    RestrictedExpression::new_bool(value.as_bool().unwrap())
}
