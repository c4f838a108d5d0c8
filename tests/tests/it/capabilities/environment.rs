use sandbox::Error;

use super::{Sb, c_str, capabilities, value};

fn getenv(sb: &mut Sb, name: &str) -> Option<String> {
    let name = c_str(sb, name);
    let found = capabilities::capabilities_getenv(sb, &name).unwrap();
    (!found.is_null()).then(|| value(sb.read_c_str(found, 10_000).unwrap()).into_string().unwrap())
}

#[test]
fn without_variables_the_environment_is_empty_whatever_the_hosts_is() {
    let sb = &mut Sb::new().unwrap();
    assert!(std::env::var("PATH").is_ok());
    assert_eq!(getenv(sb, "PATH"), None);
    assert_eq!(value(capabilities::capabilities_environment_size(sb).unwrap()), 0);
}

#[test]
fn c_code_finds_its_variables_by_name_also_after_a_reset() {
    let long = "x".repeat(5000);
    let builder = Sb::builder().env("TZ", "CET").env("LANG", "de_DE.UTF-8").env("EMPTY", "").env("LONG", &long);
    let sb = &mut builder.env("TZ", "UTC=+0").env("ÜBER", "grüße").build().unwrap();
    for _ in 0..2 {
        assert_eq!(getenv(sb, "TZ").as_deref(), Some("UTC=+0"));
        assert_eq!(getenv(sb, "LANG").as_deref(), Some("de_DE.UTF-8"));
        assert_eq!(getenv(sb, "EMPTY").as_deref(), Some(""));
        assert_eq!(getenv(sb, "LONG").as_deref(), Some(&*long));
        assert_eq!(getenv(sb, "ÜBER").as_deref(), Some("grüße"));
        assert_eq!(getenv(sb, "PATH"), None);
        assert_eq!(value(capabilities::capabilities_environment_size(sb).unwrap()), 5);
        sb.reset().unwrap();
    }
}

#[test]
fn a_thousand_variables_arrive() {
    let builder = (0..1000).fold(Sb::builder(), |builder, number| builder.env(&format!("N{number}"), &number.to_string()));
    let sb = &mut builder.build().unwrap();
    for number in [0, 1, 499, 999] {
        assert_eq!(getenv(sb, &format!("N{number}")), Some(number.to_string()));
    }
    assert_eq!(value(capabilities::capabilities_environment_size(sb).unwrap()), 1000);
}

#[test]
fn what_cannot_be_a_variable_is_an_error_of_build() {
    for (name, value, said) in [
        ("", "x", "the guest cannot be given the environment variable \"\": a name is not empty"),
        ("A=B", "x", "the guest cannot be given the environment variable \"A=B\": a name has no `=` and no NUL in it"),
        ("A\0B", "x", "the guest cannot be given the environment variable \"A\\0B\": a name has no `=` and no NUL in it"),
        ("A", "secret\0", "the guest cannot be given the environment variable \"A\": a value has no NUL in it"),
    ] {
        let error = Sb::builder().env(name, value).env("GOOD", "1").build().unwrap_err();
        assert!(matches!(error, Error::Capability { .. }), "{error:?}");
        assert!(!error.poisons());
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn a_value_is_not_shown_with_the_builder() {
    let shown = format!("{:?}", Sb::builder().env("TOKEN", "hunter2").file("/key", *b"hunter2").stdin(*b"hunter2"));
    assert!(shown.contains("TOKEN") && !shown.contains("hunter2") && !shown.contains("104"), "{shown}");
}
