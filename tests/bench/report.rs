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
    /// How many times as much as ours.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub ratios: Value,
}

/// How a figure grows with the number of orders.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    pub name: String,
    pub unit: &'static str,
    /// Orders, value.
    pub points: Vec<(f64, f64)>,
    pub grows: Growth,
    /// What ten times as many orders cost, step by step.
    pub factors: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    Flat,
    Logarithmic,
    Linear,
}

impl Growth {
    /// What fits best: nothing, a + b log n, or a + b n; by the sum of squares of what is left, each as a share of the
    /// value. What ends within a factor of one and a half of where it began is flat.
    pub fn of(points: &[(f64, f64)]) -> Self {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return Self::Flat };
        if last.1 <= 1.5 * first.1 {
            return Self::Flat;
        }
        let left = |x: &dyn Fn(f64) -> f64| {
            let weighed = points.iter().map(|(n, v)| (x(*n), *v, 1.0 / v.max(f64::MIN_POSITIVE).powi(2)));
            let (mut w, mut wx, mut wy, mut wxx, mut wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (x, y, weight) in weighed.clone() {
                w += weight;
                wx += weight * x;
                wy += weight * y;
                wxx += weight * x * x;
                wxy += weight * x * y;
            }
            let b = (w * wxy - wx * wy) / (w * wxx - wx * wx);
            let a = (wy - b * wx) / w;
            weighed.map(|(x, y, weight)| weight * (y - a - b * x).powi(2)).sum::<f64>()
        };
        if left(&f64::log10) <= left(&|n| n) { Self::Logarithmic } else { Self::Linear }
    }
}

/// What the figures were measured on: times mean nothing without it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_gb: f64,
    pub system: String,
    pub browser: String,
}

impl Machine {
    pub fn this() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, key: &str| {
            text.lines()
                .find(|l| l.starts_with(key))
                .and_then(|l| l.split_once(':'))
                .map(|(_, v)| v.trim().to_owned())
                .unwrap_or_default()
        };
        let memory = value(&read("/proc/meminfo"), "MemTotal");
        let memory_kb: f64 = memory.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default();
        let browser = ["chromium", "google-chrome"]
            .iter()
            .find_map(|name| std::process::Command::new(name).arg("--version").output().ok());
        Self {
            processor: value(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gb: (memory_kb / 1e5).round() / 10.0,
            system: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            browser: browser.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default(),
        }
    }

    fn line(&self) -> String {
        format!(
            "{}, {} cores, {} GB, Linux {}, {}",
            self.processor, self.cores, self.memory_gb, self.system, self.browser
        )
    }
}

/// All figures of a run.
#[derive(Default)]
pub struct Report(pub Vec<Figure>, pub Vec<Curve>);

/// A share of sorted samples.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

impl Report {
    pub fn one(&mut self, name: &str, value: f64, unit: &'static str, aim: Option<f64>) {
        self.add(Figure {
            name: name.into(),
            value,
            unit,
            n: 1,
            p50: None,
            p95: None,
            aim,
            peers: Value::Null,
            ratios: Value::Null,
        });
    }

    /// Several measurements; the value is their 95th hundredth when `tail` is set, else their middle.
    pub fn many(&mut self, name: &str, mut samples: Vec<f64>, unit: &'static str, tail: bool, aim: Option<f64>) -> f64 {
        samples.sort_by(f64::total_cmp);
        let (p50, p95) = (quantile(&samples, 0.5), quantile(&samples, 0.95));
        let value = if tail { p95 } else { p50 };
        self.add(Figure {
            name: name.into(),
            value,
            unit,
            n: samples.len(),
            p50: Some(p50),
            p95: Some(p95),
            aim,
            peers: Value::Null,
            ratios: Value::Null,
        });
        value
    }

    pub fn peers(&mut self, name: &str, peers: Value) {
        if let Some(figure) = self.0.iter_mut().find(|f| f.name == name) {
            let of = |value: &Value| value.as_f64().map(|v| (v / figure.value * 100.0).round() / 100.0);
            figure.ratios = peers
                .as_object()
                .map(|all| all.iter().map(|(k, v)| (k.clone(), Value::from(of(v)))).collect())
                .unwrap_or_default();
            figure.peers = peers;
        }
    }

    /// Notes how a figure grows; its points are in the order of their number of orders.
    pub fn curve(&mut self, name: &str, unit: &'static str, points: Vec<(f64, f64)>) {
        // A clock that says nothing at all says less than its smallest step.
        let points: Vec<(f64, f64)> = points.into_iter().map(|(n, v)| (n, v.max(0.05))).collect();
        let factors = points.windows(2).map(|w| w[1].1 / w[0].1).collect();
        let grows = Growth::of(&points);
        self.1.push(Curve { name: name.into(), unit, points, grows, factors });
    }

    fn add(&mut self, figure: Figure) {
        eprintln!("  {:<52} {:>10.2} {}", figure.name, figure.value, figure.unit);
        self.0.push(figure);
    }

    /// Prints everything, and writes the page.
    pub fn finish(&self, page: &Path) {
        let machine = Machine::this();
        println!("{}", serde_json::json!({ "machine": machine }));
        for figure in &self.0 {
            println!("{}", serde_json::to_string(figure).expect("JSON"));
        }
        for curve in &self.1 {
            println!("{}", serde_json::json!({ "curve": curve }));
        }
        println!("\n{}", machine.line());
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
                let ratio = f.ratios[peer].as_f64().unwrap_or(f64::NAN);
                println!(
                    "{:<52} {:>10.2} {:>6} {ratio:>10.2} x",
                    format!("    {peer}"),
                    value.as_f64().unwrap_or(f64::NAN),
                    f.unit
                );
            }
        }
        if !self.1.is_empty() {
            println!("\n{:<30} {:<12} values, and what ten times as many cost", "grows with the orders", "how");
        }
        for c in &self.1 {
            let values: Vec<String> = c.points.iter().map(|(n, v)| format!("{n:.0}: {v:.1} {}", c.unit)).collect();
            let factors: Vec<String> = c.factors.iter().map(|f| format!("{f:.1} x")).collect();
            println!(
                "{:<30} {:<12} {} ({})",
                c.name,
                format!("{:?}", c.grows).to_lowercase(),
                values.join(", "),
                factors.join(", ")
            );
        }
        std::fs::write(page, self.html(&machine)).expect("the page is written");
        println!("\nplots: {}", page.display());
    }

    fn html(&self, machine: &Machine) -> String {
        let mut html = String::from(
            "<!doctype html><meta charset=utf-8><title>Daybook bench</title><style>body{font:14px sans-serif;max-width:60em;margin:2em auto}\
             table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:right}td:first-child{text-align:left}.over{color:#a62a20}</style>\
             <h1>Daybook bench</h1>",
        );
        let _ = write!(html, "<p>{}</p>", machine.line());
        for figure in &self.0 {
            let mut bars = vec![("Daybook".to_owned(), figure.value)];
            bars.extend(
                figure
                    .peers
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(k, v)| (k.clone(), v.as_f64().unwrap_or_default())),
            );
            let most = bars.iter().map(|b| b.1).fold(figure.aim.unwrap_or(0.0), f64::max).max(f64::MIN_POSITIVE);
            let _ = write!(
                html,
                "<h3>{} ({})</h3><svg width=760 height={}>",
                figure.name,
                figure.unit,
                bars.len() * 24 + 4
            );
            for (i, (name, value)) in bars.iter().enumerate() {
                let (y, width) = (i * 24, (value / most * 460.0).max(1.0));
                let ratio = if i == 0 || figure.value == 0.0 {
                    String::new()
                } else {
                    format!(" ({:.1} x)", value / figure.value)
                };
                let colour = if i == 0 { "#a62a20" } else { "#b8ab92" };
                let _ = write!(
                    html,
                    "<text x=0 y={} font-size=13>{name}</text><rect x=120 y={} width={width:.1} height=18 fill='{colour}'/>\
                     <text x={:.1} y={} font-size=12>{value:.2}{ratio}</text>",
                    y + 15,
                    y + 2,
                    width + 126.0,
                    y + 15
                );
            }
            if let Some(aim) = figure.aim {
                let x = 120.0 + aim / most * 460.0;
                let _ = write!(
                    html,
                    "<line x1={x:.1} x2={x:.1} y1=0 y2={} stroke='#1d6b3a' stroke-dasharray=4 />",
                    bars.len() * 24
                );
            }
            html.push_str("</svg>");
        }
        for curve in &self.1 {
            plot(&mut html, curve);
        }
        html
    }
}

/// Both axes logarithmic: a straight line along the bottom is flat, one that climbs a square a square is linear.
fn plot(html: &mut String, curve: &Curve) {
    let logs: Vec<(f64, f64)> = curve.points.iter().map(|(n, v)| (n.log10(), v.max(1e-3).log10())).collect();
    let low = |pick: fn(&(f64, f64)) -> f64| logs.iter().map(pick).fold(f64::MAX, f64::min).floor();
    let high = |pick: fn(&(f64, f64)) -> f64| logs.iter().map(pick).fold(f64::MIN, f64::max).ceil();
    let (left, right, bottom, top) = (low(|p| p.0), high(|p| p.0), low(|p| p.1), high(|p| p.1).max(low(|p| p.1) + 1.0));
    let x = |v: f64| 60.0 + (v - left) * 120.0;
    let y = |v: f64| 20.0 + (top - v) * 60.0;
    let _ = write!(
        html,
        "<h3>{} ({}), {:?}</h3><svg width=760 height={:.0}>",
        curve.name,
        curve.unit,
        curve.grows,
        y(bottom) + 24.0
    );
    for n in left as i32..=right as i32 {
        let at = x(n.into());
        let (y1, y2) = (y(top), y(bottom));
        let _ = write!(
            html,
            "<line x1={at} x2={at} y1={y1} y2={y2} stroke='#ddd4c2'/><text x={at} y={} font-size=11>10^{n}</text>",
            y2 + 16.0
        );
    }
    for v in bottom as i32..=top as i32 {
        let at = y(v.into());
        let _ = write!(
            html,
            "<line x1={} x2={} y1={at} y2={at} stroke='#ddd4c2'/><text x=0 y={at} font-size=11>10^{v}</text>",
            x(left),
            x(right)
        );
    }
    let line: Vec<String> = logs.iter().map(|(n, v)| format!("{:.1},{:.1}", x(*n), y(*v))).collect();
    let _ = write!(html, "<polyline points='{}' fill=none stroke='#a62a20' stroke-width=2 /></svg>", line.join(" "));
}

#[test]
fn how_a_figure_grows_is_told_by_what_fits_it() {
    let points = |of: fn(f64) -> f64| [1e3, 1e4, 1e5, 1e6].map(|n| (n, of(n)));
    assert_eq!(Growth::of(&points(|_| 160.0)), Growth::Flat);
    assert_eq!(Growth::of(&points(|n| 10.0 * n.log10() - 20.0)), Growth::Logarithmic);
    assert_eq!(Growth::of(&points(|n| 150.0 + n / 500.0)), Growth::Linear);
}
