//! x
use fencepost::*;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| std::path::Path::new(a).is_file()).collect();
    let patterns = pattern::builtin::builtin(&analyzer::vocabulary()).unwrap();
    let mut a = analyzer::Analyzer::new(patterns, &model::Limits::default());
    let mut news = vec![];
    let mut all = vec![];
    for (n, p) in args.iter().enumerate() {
        let t = String::from_utf8_lossy(&std::fs::read(p).unwrap()).into_owned();
        for mut e in run::examples::events(&t) { e.place.source = model::SourceId(n as u32); all.push(e); }
    }
    if args.len() > 1 { all.sort_by_key(|e| e.at); }
    for e in &all { a.push(e, &mut news); news.clear(); }
    let r = a.finish(model::Coverage::default(), args);
    println!("{}", serde_json::to_string_pretty(&r).unwrap());
}
