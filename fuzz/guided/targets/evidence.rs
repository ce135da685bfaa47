#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| layak_fuzz::evidence(bytes));
