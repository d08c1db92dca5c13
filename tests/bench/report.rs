//! What a bench found: a JSON object per figure, a table for people, and a page with plots.

// Each of the benches uses a part.
#![allow(dead_code)]

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    /// How often it was measured.
    pub n: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    /// The most that it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<f64>,
    /// The same in other programs, in the same run on the same data.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub peers: Value,
}

/// All figures of a run.
#[derive(Default)]
pub struct Report(pub Vec<Figure>);

/// A share of sorted samples.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

impl Report {
    pub fn one(&mut self, name: &str, value: f64, unit: &'static str, aim: Option<f64>) {
        self.add(Figure { name: name.into(), value, unit, n: 1, p50: None, p95: None, aim, peers: Value::Null });
    }

    /// Several measurements; the value is their 95th hundredth when `tail` is set, else their middle.
    pub fn many(&mut self, name: &str, mut samples: Vec<f64>, unit: &'static str, tail: bool, aim: Option<f64>) -> f64 {
        samples.sort_by(f64::total_cmp);
        let (p50, p95) = (quantile(&samples, 0.5), quantile(&samples, 0.95));
        let value = if tail { p95 } else { p50 };
        self.add(Figure { name: name.into(), value, unit, n: samples.len(), p50: Some(p50), p95: Some(p95), aim, peers: Value::Null });
        value
    }

    pub fn peers(&mut self, name: &str, peers: Value) {
        if let Some(figure) = self.0.iter_mut().find(|f| f.name == name) {
            figure.peers = peers;
        }
    }

    fn add(&mut self, figure: Figure) {
        eprintln!("  {:<52} {:>10.2} {}", figure.name, figure.value, figure.unit);
        self.0.push(figure);
    }

    /// Prints everything, and writes the page.
    pub fn finish(&self, page: &Path) {
        for figure in &self.0 {
            println!("{}", serde_json::to_string(figure).expect("JSON"));
        }
        println!("\n{:<52} {:>10} {:>6} {:>10} {:>10} {:>10}", "figure", "value", "unit", "p50", "p95", "aim");
        let number = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.2}"));
        for f in &self.0 {
            let met = f.aim.map_or("", |aim| if f.value <= aim { "" } else { "  over" });
            println!(
                "{:<52} {:>10.2} {:>6} {:>10} {:>10} {:>10}{met}",
                f.name,
                f.value,
                f.unit,
                number(f.p50),
                number(f.p95),
                number(f.aim)
            );
            for (peer, value) in f.peers.as_object().into_iter().flatten() {
                println!("{:<52} {:>10.2} {:>6}", format!("    {peer}"), value.as_f64().unwrap_or(f64::NAN), f.unit);
            }
        }
        std::fs::write(page, self.html()).expect("the page is written");
        println!("\nplots: {}", page.display());
    }

    fn html(&self) -> String {
        let mut html = String::from(
            "<!doctype html><meta charset=utf-8><title>Daybook bench</title><style>body{font:14px sans-serif;max-width:60em;margin:2em auto}\
             table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:right}td:first-child{text-align:left}.over{color:#a62a20}</style>\
             <h1>Daybook bench</h1>",
        );
        for figure in &self.0 {
            let mut bars = vec![("Daybook".to_owned(), figure.value)];
            bars.extend(figure.peers.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.as_f64().unwrap_or_default())));
            let most = bars.iter().map(|b| b.1).fold(figure.aim.unwrap_or(0.0), f64::max).max(f64::MIN_POSITIVE);
            let _ = write!(html, "<h3>{} ({})</h3><svg width=760 height={}>", figure.name, figure.unit, bars.len() * 24 + 4);
            for (i, (name, value)) in bars.iter().enumerate() {
                let (y, width) = (i * 24, (value / most * 460.0).max(1.0));
                let colour = if i == 0 { "#a62a20" } else { "#b8ab92" };
                let _ = write!(
                    html,
                    "<text x=0 y={} font-size=13>{name}</text><rect x=120 y={} width={width:.1} height=18 fill='{colour}'/>\
                     <text x={:.1} y={} font-size=12>{value:.2}</text>",
                    y + 15,
                    y + 2,
                    width + 126.0,
                    y + 15
                );
            }
            if let Some(aim) = figure.aim {
                let x = 120.0 + aim / most * 460.0;
                let _ = write!(html, "<line x1={x:.1} x2={x:.1} y1=0 y2={} stroke='#1d6b3a' stroke-dasharray=4 />", bars.len() * 24);
            }
            html.push_str("</svg>");
        }
        html
    }
}
