//! The contract in words a machine reads: a JSON Schema that ships with the program.
//! In: `schema.json` beside this file. Out: its text.
//! Never: drifts from the report; the test walks every key.

/// JSON Schema (draft 2020-12) of `-o json`.
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use super::super::{Format, Look, fixtures, moment as moment_as, render};
    use super::SCHEMA;
    use crate::model::Timestamp;
    use crate::run::{self, Plan, ReadOptions};
    use serde_json::Value;

    /// Every difference between `value` and what `schema` says of it.
    fn differences(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
        if let Some(name) = schema["$ref"].as_str() {
            let target = root.pointer(&name[1..]).expect(name);
            return differences(root, target, value, path);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let each: Vec<_> = any
                .iter()
                .map(|one| differences(root, one, value, path))
                .collect();
            let fits = each.iter().any(Vec::is_empty);
            return if fits { vec![] } else { each.concat() };
        }
        let mut found = Vec::new();
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            found.push(format!("{path}: {value} is none of the words"));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            found.push(format!("{path}: {value} is not the constant"));
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => vec![],
        };
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(n) if (n.is_u64() || n.is_i64()) && types.contains(&"integer") => {
                "integer"
            }
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if !types.is_empty() && !types.contains(&is) {
            found.push(format!("{path}: {is} where {types:?} is described"));
        }
        for (n, item) in value.as_array().into_iter().flatten().enumerate() {
            found.extend(differences(
                root,
                &schema["items"],
                item,
                &format!("{path}[{n}]"),
            ));
        }
        for (key, item) in value.as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            match schema["properties"].get(key) {
                Some(described) => found.extend(differences(root, described, item, &path)),
                None if schema["additionalProperties"] == true => {}
                None => found.push(format!("{path}: not described")),
            }
        }
        if value.is_object() {
            let required = schema["required"].as_array().into_iter().flatten();
            let missing = required.filter(|key| value.get(key.as_str().unwrap()).is_none());
            found.extend(missing.map(|key| format!("{path}: {key} is missing")));
        }
        found
    }

    #[test]
    fn every_key_of_a_report_is_described() {
        let root: Value = serde_json::from_str(SCHEMA).unwrap();
        for report in fixtures::all() {
            let mut bytes = Vec::new();
            render(&report, Format::Json, &Look::default(), &mut bytes).unwrap();
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(differences(&root, &root, &value, "$"), Vec::<String>::new());
        }
    }

    #[test]
    fn every_key_of_a_moment_is_described() {
        let root: Value = serde_json::from_str(SCHEMA).unwrap();
        let plan = Plan {
            paths: vec!["testdata/cases/isolation-with-fence/input".into()],
            read: ReadOptions {
                year: Some(2026),
                ..ReadOptions::new(Timestamp::from_seconds(1_893_456_000))
            },
            given: Default::default(),
        };
        // Before the trouble, in it, with a node down, and behind the end.
        for second in [1_771_298_400, 1_771_297_310, 1_771_297_350, 1_771_999_999] {
            let answer = run::moment::at(&plan, plan.find(), Timestamp::from_seconds(second));
            let moment = answer.moment.expect("a state");
            let mut bytes = Vec::new();
            moment_as(&moment, Format::Json, &Look::default(), &mut bytes).unwrap();
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            let schema = &root["$defs"]["moment"];
            let found = differences(&root, schema, &value, "$");
            assert_eq!(found, Vec::<String>::new());
        }
    }

    #[test]
    fn the_walk_sees_what_is_not_described() {
        let root: Value = serde_json::from_str(SCHEMA).unwrap();
        let value = serde_json::json!({"severity": "dire", "texts": 1});
        let found = differences(&root, &root["$defs"]["verdict"], &value, "$");
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn every_object_describes_what_it_requires() {
        fn walk(schema: &Value) {
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(schema["properties"].get(key.as_str().unwrap()).is_some());
            }
            match schema {
                Value::Object(map) => map.values().for_each(walk),
                Value::Array(items) => items.iter().for_each(walk),
                _ => {}
            }
        }
        walk(&serde_json::from_str(SCHEMA).unwrap());
    }
}
