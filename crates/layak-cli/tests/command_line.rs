//! The command line as scripts meet it: exit statuses, what goes where, and what stays whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn layak(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(root()).args(args).env("LANG", "C").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_rules_of_the_package_are_clean_and_their_tests_pass() {
    let check = layak(&["check", "rules/bansos"]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
    assert_eq!(text(&check.stderr), "");
    let test = layak(&["test", "rules/bansos"]);
    assert_eq!(test.status.code(), Some(0), "{}", text(&test.stdout));
}

#[test]
fn exit_statuses_tell_findings_from_wrong_calls() {
    let folder = folder("exit");
    let broken = write(&folder, "broken.layak", "module broken\nentity H { a integer }\ndefine b = c + 1\n");
    let rules = write(
        &folder,
        "good.layak",
        "module good\nentity H { a integer }\ncriterion big when a > 1\nprogramme p requires big\n",
    );
    let facts = write(&folder, "facts.jsonl", "{\"a\":2}\n{\"a\":\"x\"}\n\n{\"a\":0}\n");
    assert_eq!(layak(&["check", &broken]).status.code(), Some(1));
    assert_eq!(layak(&["check", &rules]).status.code(), Some(0));
    let decided = layak(&["decide", &rules, &facts, "--as-of", "2026-01-01"]);
    assert_eq!(decided.status.code(), Some(1), "a household could not be read");
    let lines: Vec<serde_json::Value> =
        text(&decided.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 3, "the others are decided all the same");
    assert_eq!(lines[0]["programmes"]["p"]["outcome"], "eligible");
    assert_eq!(lines[1]["error"]["path"], "a");
    assert_eq!((&lines[1]["line"], &lines[2]["line"]), (&2.into(), &4.into()), "blank lines are counted");
    assert_eq!(lines[2]["programmes"]["p"]["outcome"], "not_eligible");
    let summary: serde_json::Value = serde_json::from_slice(&decided.stderr).unwrap();
    assert_eq!(
        summary["summary"],
        serde_json::json!({"households": 3, "unreadable": 1, "programmes": {
            "p": {"eligible": 1, "not_eligible": 1, "undetermined": 0, "error": 0, "reasons": {"big": 1}},
        }})
    );
    let told = layak(&["decide", &rules, &facts, "--as-of", "2026-01-01", "--format", "table", "--lang", "id"]);
    assert_eq!(
        text(&told.stderr),
        "3 keluarga, 1 tidak terbaca\n  p  layak 1, tidak layak 1, belum pasti 0, galat 0\n       big 1\n"
    );
    for wrong in [
        vec!["decide", &rules, "no-such-file.jsonl"],
        vec!["decide", "no-such-rules", &facts],
        vec!["decide", &rules, &facts, "--as-of", "2025-02-29"],
        vec!["decide", &rules, &facts, "--programme", "q"],
        vec!["decide", &rules, &facts, "--show", "bigg"],
        vec!["decide", &rules, &facts, "--nonsense"],
        vec!["codes", "L9999"],
        vec![],
    ] {
        assert_eq!(layak(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert!(text(&layak(&["decide", &rules, &facts, "--show", "bigg"]).stderr).contains("did you mean `big`?"));
}

#[test]
fn findings_are_data_on_request() {
    let folder = folder("json");
    let broken = write(&folder, "broken.layak", "module broken\nentity H { desil integer }\ndefine b = desill + 1\n");
    let run = layak(&["check", &broken, "--format", "json"]);
    let finding: serde_json::Value = serde_json::from_str(text(&run.stderr).lines().next().unwrap()).unwrap();
    assert_eq!(finding["code"], "L0201");
    assert_eq!((&finding["line"], &finding["column"]), (&3.into(), &12.into()));
    assert!(finding["help"][0].as_str().unwrap().contains("desil"));
    let run = layak(&["check", &broken, "--lang", "id"]);
    assert!(text(&run.stderr).contains("galat[L0201]"), "{}", text(&run.stderr));
}

#[test]
fn output_to_a_file_is_whole_or_not_at_all() {
    let folder = folder("out");
    let rules = write(&folder, "r.layak", "module r\nentity H { a integer }\ndefine b = a + 1\n");
    let facts = write(&folder, "f.jsonl", "{\"a\":2}\n");
    let out = write(&folder, "out.jsonl", "old");
    let run = layak(&["decide", &rules, &facts, "--as-of", "2026-01-01", "--show", "b", "--out", &out]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(std::fs::read_to_string(&out).unwrap().contains("\"values\":{\"b\":3}"));
    // A call that fails half way leaves the old file as it is.
    std::fs::write(&out, "old").unwrap();
    let run = layak(&["decide", &rules, folder.to_str().unwrap(), "--as-of", "2026-01-01", "--out", &out]);
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "old");
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "nothing half-written is left: {names:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_clear_error() {
    let folder = folder("full");
    let rules = write(&folder, "r.layak", "module r\nentity H { a integer }\ndefine b = a + 1\n");
    let facts = write(&folder, "f.jsonl", "{\"a\":2}\n".repeat(20_000));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .args(["decide", &rules, &facts, "--as-of", "2026-01-01", "--show", "b"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("space"), "{}", text(&run.stderr));
}

#[test]
fn a_reader_that_closes_early_ends_the_run_quietly() {
    let folder = folder("pipe");
    let rules = write(&folder, "r.layak", "module r\nentity H { a integer }\ndefine b = a + 1\n");
    let facts = write(&folder, "f.jsonl", "{\"a\":2}\n".repeat(100_000));
    let mut run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .args(["decide", &rules, &facts, "--as-of", "2026-01-01", "--show", "b"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(text(&done.stderr), "");
}

#[test]
fn facts_come_as_json_csv_and_from_standard_input() {
    let folder = folder("formats");
    let rules = write(
        &folder,
        "r.layak",
        "module r\nentity H { id text key  a integer  members list of P }\nentity P { wage number }\ndefine total = a + sum(members.wage)\n",
    );
    let json = write(&folder, "f.json", "[{\"id\":\"x\",\"a\":1,\"members\":[{\"wage\":0.1},{\"wage\":\"0.2\"}]}]");
    let csv = write(&folder, "t.csv", "id,a\nx,1\ny,2\n");
    write(&folder, "t.members.csv", "id,wage\nx,0.1\nx,0.2\n");
    let value = |file: &str| -> Vec<serde_json::Value> {
        let run = layak(&["decide", &rules, file, "--as-of", "2026-01-01", "--show", "total", "--format", "jsonl"]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        let lines = text(&run.stdout);
        lines
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["values"]["total"].clone())
            .collect()
    };
    assert_eq!(value(&json), ["1.3"]);
    assert_eq!(value(&csv), ["1.3", "2"]);
}

#[test]
fn rules_do_not_read_beyond_their_folder() {
    let folder = folder("escape");
    write(&folder, "secret.csv", "k,value\na,1\n");
    let rules = write(
        &folder,
        "rules/r.layak",
        "module r\nentity H { k text }\nparameter p(k: text): integer csv \"../secret.csv\"\ndefine v = p(k)\n",
    );
    let run = layak(&["check", &rules]);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("L0410"), "{}", text(&run.stderr));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.join("secret.csv"), folder.join("rules/inside.csv")).unwrap();
        let rules = write(
            &folder,
            "rules/s.layak",
            "module s\nentity H { k text }\nparameter p(k: text): integer csv \"inside.csv\"\ndefine v = p(k)\n",
        );
        let run = layak(&["check", &rules]);
        assert_eq!(run.status.code(), Some(1));
        assert!(text(&run.stderr).contains("L0405"), "{}", text(&run.stderr));
    }
}

#[test]
fn every_code_has_a_page() {
    let list = layak(&["codes"]);
    assert_eq!(list.status.code(), Some(0));
    for line in text(&list.stdout).lines() {
        let code = line.split(' ').next().unwrap();
        let page = layak(&["codes", code]);
        assert!(text(&page.stdout).starts_with(&format!("# {code} ")), "{code}");
    }
}

/// What README shows is what its first command prints, and every call of its table has a page of help with an example.
#[test]
fn the_readme_tells_what_happens() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let call = readme.lines().find_map(|l| l.strip_prefix("cargo run --release -p layak-cli -- ")).unwrap();
    let run = layak(&call.split(' ').collect::<Vec<_>>());
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let (_, shown) = readme.split_once("```text\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(text(&run.stdout).contains(shown), "{}", text(&run.stdout));
    assert!(text(&run.stderr).starts_with("8 households, 0 unreadable\n  pbi_jk"), "{}", text(&run.stderr));
    let mut calls: Vec<&str> =
        readme.lines().filter_map(|l| l.strip_prefix("| `layak ")).filter_map(|l| l.split([' ', '`']).next()).collect();
    calls.dedup();
    assert_eq!(
        calls,
        ["check", "decide", "explain", "ask", "replay", "redecide", "test", "graph", "fmt", "diff", "schema", "codes"]
    );
    for call in calls {
        let help = layak(&[call, "--help"]);
        assert_eq!(help.status.code(), Some(0));
        assert!(text(&help.stdout).contains(&format!("Example: layak {call}")), "{call}");
    }
    // The rule that README shows passes its own test.
    let (_, rule) = readme.split_once("```layak\n").unwrap();
    let (rule, _) = rule.split_once("```").unwrap();
    let file = write(&folder("readme"), "aid.layak", rule);
    let test = layak(&["test", &file]);
    assert_eq!(test.status.code(), Some(0), "{}{}", text(&test.stdout), text(&test.stderr));
}

const EXCEPTIONS: &str = "module m
entity H { region text  desil integer 1..10  trades boolean  vulnerable boolean  members list of P }
entity P { age integer }
define power = 900   basis \"Decree 1\"
  except remote when region in [\"9101\", # the islands
    \"#2\"]: 1300   basis id \"Keputusan 3\" en \"Decree 3\"
  except trade when trades: 2200   priority 1
  except trade when desil = 1: 2300   priority 1
  except old to trade when (vulnerable or desil = 2) and (trades): 3500
  except to old when desil = 3: 3600   from 2026-01-01 until 2026-12-31
criterion poor \"Poor\" when desil <= 4
  except when vulnerable: desil <= 6   from 2026-01-01
define plain = desil + 1
define P.limit = 5
  except when age > 3: 6
programme p requires poor gives power = power
";

#[test]
fn exceptions_are_listed_below_what_they_are_exceptions_to() {
    let folder = folder("exceptions");
    let rules = write(&folder, "m.layak", EXCEPTIONS);
    let run = layak(&["graph", &rules, "--exceptions"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let told = text(&run.stdout).replace(&rules, "m.layak");
    assert_eq!(
        told,
        "P.limit = 5  m.layak:14
  except when age > 3: 6  m.layak:15
poor \"Poor\" = desil <= 4  m.layak:11
  except when vulnerable: desil <= 6, from 2026-01-01  m.layak:12
power = 900 (Decree 1)  m.layak:4
  except remote when region in [\"9101\", \"#2\"]: 1300 (Decree 3)  m.layak:5
  except trade when trades: 2200, priority 1  m.layak:7
    except old when (vulnerable or desil = 2) and (trades): 3500  m.layak:9
      except when desil = 3: 3600, from 2026-01-01, until 2026-12-31  m.layak:10
  except trade when desil = 1: 2300, priority 1  m.layak:8
    except old: as above  m.layak:9
"
    );
    let told = text(&layak(&["graph", &rules, "--exceptions", "--format", "text", "--lang", "id"]).stdout);
    for line in
        ["  kecuali trade bila trades: 2200, prioritas 1  ", "1300 (Keputusan 3)", "kecuali old: seperti di atas"]
    {
        assert!(told.contains(line), "{told}");
    }
    let run = layak(&["graph", &rules, "--exceptions", "--format", "json"]);
    let lines: Vec<serde_json::Value> = text(&run.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let names: Vec<&str> = lines.iter().map(|l| l["rule"].as_str().unwrap()).collect();
    assert_eq!(names, ["P.limit", "poor", "power"]);
    assert_eq!((&lines[1]["kind"], &lines[1]["value"]), (&"criterion".into(), &"desil <= 4".into()));
    assert_eq!((&lines[2]["basis"], &lines[2]["place"]["line"]), (&"Decree 1".into(), &4.into()));
    let old = &lines[2]["exceptions"][3];
    assert_eq!((&old["label"], &old["to"]), (&"old".into(), &serde_json::json!([1, 2])));
    assert_eq!(old["condition"], "(vulnerable or desil = 2) and (trades)");
    assert_eq!(lines[2]["exceptions"][1]["priority"], "1");
    assert_eq!(lines[2]["exceptions"][4]["until"], "2026-12-31");
    for wrong in [vec!["graph", &rules, "--exceptions", "--format", "svg"], vec!["graph", &rules, "--format", "text"]] {
        assert_eq!(layak(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    let none = layak(&["graph", "rules/bansos", "--exceptions"]);
    assert_eq!((none.status.code(), text(&none.stdout)), (Some(0), String::new()));
}

#[test]
fn an_explanation_names_the_exceptions_that_held() {
    let folder = folder("explain");
    let rules = write(&folder, "m.layak", EXCEPTIONS);
    let facts = write(
        &folder,
        "f.jsonl",
        "{\"region\":\"9101\",\"desil\":5,\"trades\":false,\"vulnerable\":true,\"members\":[]}\n",
    );
    let call = ["explain", &rules, &facts, "--as-of", "2026-02-01"];
    let run = layak(&call);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let told = text(&run.stdout).replace(&rules, "m.layak");
    for line in [
        "Household -, decided for 1 February 2026\n\np : eligible\n  power = 1,300\n",
        "      exception `remote` (m.layak:5:3) to `power`: holds (Decree 3)\n",
        "      exception `trade` (m.layak:7:3) to `power`: does not hold\n",
        "      exception `trade` (m.layak:8:3) to `power`: does not hold\n",
        "  ✓ requires Poor: yes\n",
        "      exception m.layak:12:3 to `poor`: holds\n",
        "      vulnerable = yes\n",
    ] {
        assert!(told.contains(line), "{line}:\n{told}");
    }
    let told = text(&layak(&[&call[..], &["--lang", "id"]].concat()).stdout);
    assert!(told.contains("terhadap `power`: berlaku (Keputusan 3)\n"), "{told}");
    let json = layak(&[&call[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let power = &json["reasoning"][0]["outputs"][0];
    assert_eq!((&power["output"], &power["value"]), (&"power".into(), &"1,300".into()));
    let states: Vec<&str> =
        power["exceptions"].as_array().unwrap().iter().map(|e| e["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["holds", "does_not_hold", "does_not_hold"]);
    assert_eq!(json["reasoning"][0]["conditions"][0]["exceptions"][0]["rule"], "poor");
}

/// A reform is laid over the rules for the call that names it; the rules stay as they are.
#[test]
fn acts_are_laid_over_rules_for_one_call() {
    let folder = folder("amend");
    let rules = write(
        &folder,
        "law/aid.layak",
        "module aid\nentity H { id text key  desil integer 1..10 }\nparameter limit: integer from 2025-01-01: 4\n\
         criterion poor when desil <= limit basis \"Decree 79\"\nprogramme p requires poor\n",
    );
    let act = write(
        &folder,
        "acts/reform.layak",
        "module reform\nuse helped\namend aid \"Reform\" basis \"Act 1\" from 2026-01-01 { replace criterion poor when desil <= limit + more }\n\
         test \"t\" as of 2026-01-01 given { id: \"a\", desil: 6 } expect p eligible\n",
    );
    write(&folder, "acts/helped.layak", "module helped\nparameter more: integer from 2020-01-01: 2\n");
    let cases = "{\"id\":\"a\",\"as_of\":\"2026-01-01\",\"input\":{\"id\":\"a\",\"desil\":6},\"programmes\":{\"p\":\"eligible\"}}\n";
    let cases = write(&folder, "cases.jsonl", cases);
    let facts = write(&folder, "facts.jsonl", "{\"id\":\"a\",\"desil\":6}\n{\"id\":\"b\",\"desil\":7}\n");
    let decide = |extra: &[&str]| {
        let call = [&["decide", &rules, &facts, "--as-of", "2026-01-01", "--format", "jsonl"], extra].concat();
        let done = layak(&call);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let before = decide(&[]);
    assert_eq!(before.matches("\"eligible\"").count(), 0, "{before}");
    let after = decide(&["--amend", &act]);
    assert_eq!(after.matches("\"eligible\"").count(), 1, "{after}");
    assert!(after.contains("\"basis\":\"Act 1\""), "{after}");
    assert_eq!(decide(&[]), before);
    for call in [vec!["check", &rules], vec!["graph", &rules], vec!["schema", &rules]] {
        let done = layak(&[&call[..], &["--amend", &act]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    }
    let test = layak(&["test", &rules, "--amend", &act, "--cases", &cases]);
    assert_eq!((test.status.code(), text(&test.stdout)), (Some(0), "2 tests passed, 0 failed\n".to_owned()));
    assert_eq!(layak(&["test", &rules, "--cases", &cases]).status.code(), Some(1));
    let explain = layak(&["explain", &rules, &facts, "--id", "a", "--as-of", "2026-01-01", "--amend", &act]);
    assert!(text(&explain.stdout).contains("p : eligible"), "{}", text(&explain.stdout));
    // Two proposals for one thing, a file that is not there, an act that changes nothing there is.
    let other = write(&folder, "acts/other.layak", "module other\namend aid from 2026-01-01 { repeal poor }\n");
    let both = layak(&["decide", &rules, &facts, "--amend", &act, "--amend", &other]);
    assert_eq!(both.status.code(), Some(1));
    assert!(
        text(&both.stderr).contains("L0232") && text(&both.stderr).contains("acts/reform.layak"),
        "{}",
        text(&both.stderr)
    );
    let nowhere = folder.join("nowhere.layak");
    assert_eq!(layak(&["check", &rules, "--amend", nowhere.to_str().unwrap()]).status.code(), Some(2));
    let wrong = write(&folder, "acts/wrong.layak", "module wrong\namend aid from 2026-01-01 { repeal por }\n");
    let wrong = layak(&["check", &rules, "--amend", &wrong, "--lang", "id"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("maksud Anda `poor`?"), "{}", text(&wrong.stderr));
}

#[test]
fn a_property_that_fails_shows_a_household_to_decide_and_a_test_to_paste() {
    let folder = folder("properties");
    let rules = "module p\nentity H { income integer 0.. }\ndefine grant = if income < 900 then 300 else 0\n\
                 property no_cliff\n  for all h: H\n  let richer = h with { income: h.income + 1 }\n\
                 \x20 expect h.income + h.grant <= richer.income + richer.grant\nproperty some expect grant >= 0\n";
    let file = write(&folder, "p.layak", rules);
    let test = layak(&["test", &file]);
    assert_eq!(test.status.code(), Some(1));
    let told = text(&test.stdout);
    assert!(told.contains("p.layak:4:1: failed `no_cliff`\n"), "{told}");
    assert!(told.contains("  `h.income + h.grant <= richer.income + richer.grant` does not hold\n"), "{told}");
    assert!(told.contains("  h = {\"income\":899}\n  richer = {\"income\":900}\n"), "{told}");
    assert!(told.ends_with("1 tests passed, 1 failed\n"), "{told}");
    let block = told.split("paste into a rule file:\n").nth(1).unwrap().split("\n1 tests passed").next().unwrap();
    // Pasted, the tests say what the rules say now; the household is one that can be decided.
    let pasted = write(&folder, "pasted.layak", rules.split("property").next().unwrap().to_owned() + block);
    assert_eq!(layak(&["test", &pasted]).status.code(), Some(0), "{block}");
    let facts = write(&folder, "facts.json", "{\"income\":899}");
    assert_eq!(layak(&["decide", &file, &facts, "--show", "grant"]).status.code(), Some(0));
    // The same seed, the same bytes; a machine reads one object a line.
    let json = |seed: &str| text(&layak(&["test", &file, "--seed", seed, "--count", "400", "--format", "json"]).stdout);
    let once = json("7");
    assert_eq!(once, json("7"));
    let first: serde_json::Value = serde_json::from_str(once.lines().next().unwrap()).unwrap();
    assert_eq!((&first["name"], &first["passed"], &first["seed"]), (&"no_cliff".into(), &false.into(), &7.into()));
    assert_eq!(first["households"][1]["facts"], serde_json::json!({"income": 900}));
    assert!(first["households"][0]["test"].as_str().unwrap().starts_with("test \"no_cliff: h\" as of "));
    let indonesian = text(&layak(&["test", &file, "--lang", "id"]).stdout);
    assert!(indonesian.contains("tidak terpenuhi") && indonesian.contains("sebagai uji"), "{indonesian}");
    assert_eq!(layak(&["test", &file, "--count", "0"]).status.code(), Some(2));
}

#[test]
fn findings_on_the_facts_are_told_with_the_decision() {
    let folder = folder("evidence");
    let rules = write(
        &folder,
        "aid.layak",
        "module aid\nsource pln \"Meter\"\nsource self \"Own statement\"\nsource bkn \"Civil service\"\n\
         entity H { id text key  power integer 0.. from pln, self  state boolean from bkn, self must be verified }\n\
         criterion high when power >= 2_200\ncriterion paid when state\nprogramme food refuses high\nprogramme grant refuses paid\n",
    );
    let facts = write(
        &folder,
        "facts.jsonl",
        r#"{"id":"a","state":false,"power":{"evidence":[{"value":2200,"source":"pln"},{"value":900,"source":"self"}]}}"#,
    );
    let decide =
        |format: &str| layak(&["decide", &rules, &facts, "--as-of", "2026-01-01", "--format", format, "--lang", "id"]);
    let line: serde_json::Value = serde_json::from_slice(&decide("jsonl").stdout).unwrap();
    let kinds: Vec<&str> = line["findings"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["conflict", "unverified"]);
    assert_eq!(line["findings"][0]["programmes"], serde_json::json!(["food"]));
    assert_eq!(
        text(&decide("table").stdout),
        "a (1)\n  food                         tidak layak      \n      - high\n  grant                        belum pasti      \n      \
         ? state [bkn] wajib diverifikasi\n  ! power: sumber berbeda: Meter: 2.200 (tanpa tanggal); Own statement: 900 (tanpa tanggal); \
         yang dipakai 2.200 (menentukan `food`)\n  ! state: wajib diverifikasi dan baru dinyatakan, jadi belum diketahui: tidak \
         (menentukan `grant`)\n"
    );
    assert_eq!(
        text(&decide("csv").stdout),
        "line,id,programme,member,outcome,outputs,bounds,reasons,missing,error,findings\n\
         1,a,food,,not_eligible,,,high,,,conflict:power\n1,a,grant,,undetermined,,,,state,,unverified:state\n"
    );
}

#[test]
fn what_would_change_a_decision_is_told_on_request() {
    let explain = |more: &[&str]| {
        let call = [
            "explain",
            "rules/bansos",
            "rules/bansos/cases/sample.jsonl",
            "--id",
            "3510-000002",
            "--as-of",
            "2026-02-15",
        ];
        text(&layak(&[&call[..], more].concat()).stdout)
    };
    assert!(!explain(&[]).contains("What would change it"));
    let told = explain(&["--changes"]);
    let told = told.split_once("\nWhat would change it\n").unwrap().1;
    let sembako = told.split_once("sembako: not eligible\n").unwrap().1;
    assert_eq!(
        sembako.split("\n\n").next().unwrap().trim_end(),
        "  • `electricity_va`: 2,199 instead of 2,200 (1 less)\n  high_power: `electricity_va` is 2,200, the limit itself"
    );
    let indonesian = explain(&["--changes", "--lang", "id"]);
    assert!(
        indonesian.contains("sembako: tidak layak\n  • `electricity_va`: 2.199, bukan 2.200 (1 lebih sedikit)\n"),
        "{indonesian}"
    );
    let json: serde_json::Value = serde_json::from_str(&explain(&["--changes", "--format", "json"])).unwrap();
    let programmes = json["changes"]["programmes"].as_array().unwrap();
    let sembako = programmes.iter().find(|p| p["programme"] == "sembako").unwrap();
    assert_eq!(sembako["ways"][0]["changes"][0]["to"], serde_json::json!([2199]));
    // Nobody is told to be older, or to die.
    let fixed = ["birth_date", "died_on", "region", "sex", "disability", "pregnant"];
    let facts =
        programmes.iter().flat_map(|p| p["ways"].as_array().unwrap()).flat_map(|w| w["changes"].as_array().unwrap());
    assert!(facts.map(|c| c["fact"].as_str().unwrap()).all(|f| fixed.iter().all(|name| !f.contains(name))));
}

#[test]
fn a_diff_tells_what_changed_in_meaning_and_ends_clean() {
    let folder = folder("diff");
    let rules = |limit: u8| format!("module m\nentity H {{ a integer }}\nparameter limit: integer = {limit}\n");
    let old = write(&folder, "old/m.layak", rules(1));
    let new = write(&folder, "new/m.layak", format!("{}define b = a > limit\n", rules(2)));
    let told = |args: &[&str]| {
        let run = layak(&[&["diff"], args].concat());
        (run.status.code(), text(&run.stdout), text(&run.stderr))
    };
    let (status, out, err) = told(&[&old, &new]);
    let lines = [
        format!("changed: parameter `limit` (m)  {new}:3\n  value: 1 -> 2\n"),
        format!("added: definition `b` (m)  {new}:4\n"),
    ];
    assert_eq!((status, out, err), (Some(0), lines.concat(), String::new()));
    assert_eq!(told(&[&old, &new, "--check"]).0, Some(1));
    assert_eq!(told(&[&old, &old, "--check"]), (Some(0), "no change in meaning\n".to_owned(), String::new()));
    let (status, out, _) = told(&[&old, &new, "--format", "json"]);
    let kinds: Vec<serde_json::Value> =
        out.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["change"].take()).collect();
    assert_eq!((status, kinds), (Some(0), vec!["changed".into(), "added".into()]));
    // What is wrong with either side is told, and nothing else.
    let broken = write(&folder, "broken/m.layak", "module m\nentity H { a integer }\ndefine b = c\n");
    let (status, out, err) = told(&[&broken, &new]);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(err.contains("L0201"), "{err}");
    assert_eq!(told(&[&old, "nowhere"]).0, Some(2));
}
