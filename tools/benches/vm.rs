//! What `vmlab bench` measures, under `cargo bench`: with statistics, and compared with the last
//! time.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use tools::bench::{BenchError, Quantity, Subject};

fn costs(criterion: &mut Criterion) {
    for quantity in Quantity::ALL {
        let mut subject = match Subject::new(quantity) {
            Err(BenchError::Qemu(why)) => {
                println!("{quantity:?}: {why}");
                continue;
            }
            subject => subject.expect("the machine can be made"),
        };
        criterion.bench_function(&format!("{quantity:?}"), |bencher| {
            bencher.iter_custom(|iterations| {
                // A sample is thousands of operations already, and counts as that many iterations.
                let samples = iterations.div_ceil(u64::from(subject.count()));
                let mut sum = 0.0;
                for _ in 0..samples {
                    sum += subject.sample().expect("it can be measured");
                }
                Duration::from_secs_f64(sum / samples as f64 * iterations as f64 / 1e9)
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(2));
    targets = costs
}
criterion_main!(benches);
