//! Every page of a code says what raises it and what does not: both are tried.

use super::*;

/// The fenced blocks of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            out.push((info, body.join("\n")));
        }
    }
    out
}

#[test]
fn the_example_raises_the_code_and_the_fix_does_not() {
    // From L0640 on they are of columns, whose pages show Rust.
    let pages = Code::pages().iter().filter(|p| ("L0600".."L0640").contains(&&*p.code().to_string()));
    let mut tried = 0;
    for page in pages {
        let (text, code) = (page.text(), page.code());
        let (example, fix) = text.split_once("\n## Fix\n").unwrap_or_else(|| panic!("{code} has no fix"));
        assert!(example.contains("\n## Why\n") && example.contains("\n## Example\n"), "{code}");
        let rules = blocks(example).into_iter().find(|(info, _)| *info == "layak").unwrap().1;
        let p = program_of(&rules);
        let codes = |info: &str, json: &str| {
            let elements = info.strip_prefix("json facts elements=").map(|n| n.parse().unwrap());
            let limits = Limits { elements: elements.unwrap_or(limits().elements), ..limits() };
            let read = read(json.as_bytes(), limits.nesting).and_then(|d| Binder::new(&p).bind(&p, &d, &limits));
            read.err().map_or(Vec::new(), |e| e.iter().map(FactError::code).collect())
        };
        for (info, json) in blocks(example).iter().filter(|(info, _)| info.starts_with("json facts")) {
            let mut raised = codes(info, json);
            if code == Code::FACT_MORE {
                raised = raised.split_off(100);
            }
            assert_eq!(raised, [code], "{json}");
            tried += 1;
        }
        for (info, json) in blocks(fix).iter().filter(|(info, _)| info.starts_with("json facts")) {
            assert_eq!(codes(info, json), [], "{code}: {json}");
        }
        assert!(blocks(example).iter().any(|(info, _)| info.starts_with("json") || *info == "rust"), "{code}");
    }
    assert_eq!(tried, 20);
}
