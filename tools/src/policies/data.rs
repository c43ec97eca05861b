//! Results for programs: CSV and JSON.
//!
//! # Invariants
//!
//! Both have the same numbers: a line or object for each policy and number of frames, OPT and LRU
//! included. What is not known of those two is empty or null.

use serde_json::{Value, json};

use super::{Column, Results, Traffic};

/// The version of the JSON; it changes when the meaning of a field changes.
const VERSION: u32 = 1;
/// The fields of a line of CSV.
const FIELDS: &str =
    "frames,policy,faults,of_opt,own_opt,swap_in,swap_out,file_reads,write_backs,trouble";

/// One policy with one number of frames, or a bound.
struct Line<'a> {
    policy: &'static str,
    faults: u64,
    of_opt: f64,
    own_opt: u64,
    traffic: Option<Traffic>,
    trouble: Option<&'a str>,
}

/// Returns a header line and a line for each policy and number of frames.
#[must_use]
pub fn csv(results: &Results) -> String {
    let mut text = format!("{FIELDS}\n");
    for column in &results.columns {
        for line in lines(column) {
            let number = |of: fn(&Traffic) -> u64| {
                let number = line.traffic.as_ref().map(of);
                number.map_or(String::new(), |number| number.to_string())
            };
            let fields = [
                column.frames.to_string(),
                line.policy.to_owned(),
                line.faults.to_string(),
                format!("{:.4}", line.of_opt),
                line.own_opt.to_string(),
                number(|traffic| traffic.swap_in),
                number(|traffic| traffic.swap_out),
                number(|traffic| traffic.file_reads),
                number(|traffic| traffic.write_backs),
                quoted(line.trouble.unwrap_or_default()),
            ];
            text += &(fields.join(",") + "\n");
        }
    }
    text
}

/// Returns one object on one line.
#[must_use]
pub fn json(results: &Results) -> String {
    format!("{}\n", object(results))
}

/// Returns the object.
#[must_use]
pub fn object(results: &Results) -> Value {
    let columns = results.columns.iter().map(|column| {
        let policies: Vec<Value> = lines(column).map(|line| line.json()).collect();
        json!({ "frames": column.frames, "policies": policies })
    });
    json!({
        "version": VERSION,
        "subject": results.subject,
        "references": results.references,
        "pages": results.pages,
        "strings_differ": results.strings_differ,
        "columns": columns.collect::<Vec<_>>(),
    })
}

fn lines(column: &Column) -> impl Iterator<Item = Line<'_>> {
    let bound = |policy, faults, of_opt| Line {
        policy,
        faults,
        of_opt,
        own_opt: column.opt,
        traffic: None,
        trouble: None,
    };
    let bounds = [
        bound("opt", column.opt, 1.0),
        bound("lru", column.lru, column.lru_of_opt()),
    ];
    let rows = column.rows.iter().map(|row| Line {
        policy: row.policy.name,
        faults: row.faults,
        of_opt: row.of_opt(),
        own_opt: row.opt,
        traffic: row.traffic,
        trouble: row.trouble.as_deref(),
    });
    bounds.into_iter().chain(rows)
}

impl Line<'_> {
    fn json(&self) -> Value {
        let number = |of: fn(&Traffic) -> u64| self.traffic.as_ref().map(of);
        json!({
            "policy": self.policy,
            "faults": self.faults,
            "of_opt": (self.of_opt * 1e4).round() / 1e4,
            "own_opt": self.own_opt,
            "swap_in": number(|traffic| traffic.swap_in),
            "swap_out": number(|traffic| traffic.swap_out),
            "file_reads": number(|traffic| traffic.file_reads),
            "write_backs": number(|traffic| traffic.write_backs),
            "trouble": self.trouble,
        })
    }
}

/// Quotes a field of CSV if needed (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn csv_has_as_many_fields_on_each_line() {
        let csv = csv(&example());
        let fields = FIELDS.split(',').count();
        assert!(csv.lines().all(|line| line.split(',').count() == fields));
        assert_eq!(csv.lines().count(), 1 + 2 * 4);
        assert!(csv.contains("\n16,opt,100,1.0000,100,,,,,\n"), "{csv}");
        assert!(csv.contains("\n16,fifo,220,2.0000,110,110,117,9,0,killed\n"));
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn json_is_one_line_with_the_same_numbers() {
        let json = json(&example());
        assert_eq!(json.lines().count(), 1);
        let object: Value = serde_json::from_str(&json).unwrap();
        let fifo = &object["columns"][0]["policies"][3];
        assert_eq!(fifo["policy"], "fifo");
        assert_eq!(
            (&fifo["faults"], &fifo["of_opt"]),
            (&220.into(), &2.0.into())
        );
        assert_eq!(object["columns"][0]["policies"][0]["swap_in"], Value::Null);
    }
}
