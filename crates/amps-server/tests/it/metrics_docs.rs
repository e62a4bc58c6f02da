//! What docs/metrics.md, the dashboard and the rules for alerts say of metrics is so.

use std::collections::{BTreeMap, BTreeSet};

use amps_server::Settings;
use serde_json::Value;

use crate::health::managed;

const PAGE: &str = include_str!("../../../../docs/metrics.md");
const DASHBOARD: &str = include_str!("../../../../docs/grafana/amps.json");
const ALERTS: &str = include_str!("../../../../docs/grafana/alerts.yml");

/// The metrics that a server has, by the names that queries have for them, with their kinds.
fn known() -> BTreeMap<String, String> {
    let text = managed(Settings::default()).metrics();
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let known = kinds.map(|(name, kind)| match kind {
        "counter" => (format!("{name}_total"), kind.to_owned()),
        "info" => (format!("{name}_info"), kind.to_owned()),
        _ => (name.to_owned(), kind.to_owned()),
    });
    known.collect()
}

/// The names of metrics that stand in an expression, a histogram's under its own.
fn named(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let words = words.filter(|word| word.starts_with("amps_") || word.starts_with("process_"));
    words.map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
}

#[test]
fn the_page_has_all_metrics_and_no_others() {
    let (_, table) = PAGE.split_once("\n## Metrics\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let documented: BTreeMap<String, String> =
        rows.map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap().to_owned())).collect();
    assert_eq!(documented, known());
}

#[test]
fn the_page_has_all_verdicts() {
    let text = managed(Settings::default()).metrics();
    let verdicts =
        text.lines().filter_map(|line| line.strip_prefix("amps_uploads_total{origin=\"http\",verdict=\""));
    let verdicts: Vec<&str> = verdicts.map(|rest| rest.split_once('"').unwrap().0).collect();
    assert!(verdicts.len() > 15, "{text}");
    for verdict in verdicts {
        assert!(PAGE.contains(&format!("`{verdict}`")), "{verdict}");
    }
}

#[test]
fn metrics_have_a_help_text_and_follow_the_conventions_for_names() {
    let text = managed(Settings::default()).metrics();
    for (name, kind) in known() {
        let family = name.trim_end_matches("_total").trim_end_matches("_info");
        assert!(text.contains(&format!("# HELP {family} ")), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        assert!(!name.contains("milliseconds") && !name.contains("kilobytes"), "{name}");
    }
}

#[test]
fn the_dashboard_asks_for_metrics_that_there_are() {
    let known = known();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut asked = BTreeSet::new();
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            let names = named(target["expr"].as_str().unwrap());
            assert!(!names.is_empty(), "{}", panel["title"]);
            asked.extend(names);
        }
    }
    let unknown: Vec<_> = asked.iter().filter(|name| !known.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(asked.len() > 25, "{asked:?}");
}

#[test]
fn the_alerts_ask_for_metrics_that_there_are() {
    let known = known();
    let documents = ampkg::yaml::parse(ALERTS.as_bytes(), ampkg::yaml::YamlLimits::default()).unwrap();
    assert_eq!(documents.len(), 1);
    let expressions: Vec<&str> =
        ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    let alerts = ALERTS.matches("- alert: ").count();
    assert!(alerts > 8 && alerts == expressions.len());
    for expression in expressions.iter().filter(|expression| !expression.contains("up{")) {
        let names = named(expression);
        assert!(!names.is_empty(), "{expression}");
        for name in names {
            assert!(known.contains_key(&name), "{name} in {expression}");
        }
    }
}
