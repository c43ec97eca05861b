//! The results, as a table for people and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::Quantity;
use super::clock::median;
use super::code::LOOP_INSTRUCTIONS;
use super::compute;
use super::real::{Real, Times};
use super::scale::{FRAMES, SPACES, Scale};

/// The median of each quantity, in nanoseconds, and the cost of faults at each size.
#[derive(Clone, PartialEq, Debug)]
pub struct Results {
    medians: BTreeMap<Quantity, f64>,
    /// Which QEMU was measured, or why none was.
    qemu: String,
    scale: Scale,
    real: Real,
}

impl Results {
    /// Computes the medians of samples. Each quantity has samples, except those of a missing QEMU.
    ///
    /// # Panics
    /// If a quantity has an empty list of samples.
    #[must_use]
    pub fn of(
        samples: BTreeMap<Quantity, Vec<f64>>,
        qemu: String,
        scale: Scale,
        real: Real,
    ) -> Results {
        let medians = samples
            .into_iter()
            .map(|(quantity, samples)| (quantity, median(samples)));
        Results {
            medians: medians.collect(),
            qemu,
            scale,
            real,
        }
    }

    fn of_one(&self, quantity: Quantity) -> f64 {
        self.medians[&quantity]
    }

    /// Returns the cost of one quantity in units of another.
    fn ratio(&self, quantity: Quantity, unit: Quantity) -> f64 {
        self.of_one(quantity) / self.of_one(unit)
    }

    fn instructions_per_second(&self) -> f64 {
        f64::from(LOOP_INSTRUCTIONS) * 1e9 / self.of_one(Quantity::Loop)
    }

    /// Returns the results as one flat JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let numbers = [
            (
                "demand_zero_fault_ns",
                self.of_one(Quantity::DemandZeroFault),
            ),
            ("swap_fault_ns", self.of_one(Quantity::SwapFault)),
            ("null_syscall_ns", self.of_one(Quantity::NullSyscall)),
            ("process_ns", self.of_one(Quantity::Process)),
            ("native_fault_ns", self.of_one(Quantity::NativeFault)),
            ("loop_ns", self.of_one(Quantity::Loop)),
            ("bare_loop_ns", self.of_one(Quantity::BareLoop)),
            ("compute_ns", self.of_one(Quantity::Compute)),
            (
                "loop_instructions_per_second",
                self.instructions_per_second().round(),
            ),
            (
                "demand_zero_to_native",
                self.ratio(Quantity::DemandZeroFault, Quantity::NativeFault),
            ),
            (
                "swap_to_native",
                self.ratio(Quantity::SwapFault, Quantity::NativeFault),
            ),
            (
                "bare_loop_to_loop",
                self.ratio(Quantity::BareLoop, Quantity::Loop),
            ),
        ];
        let qemu = self.medians.get(&Quantity::ComputeQemu);
        let qemu = qemu.into_iter().flat_map(|number| {
            let ratio = self.ratio(Quantity::Compute, Quantity::ComputeQemu);
            [("compute_qemu_ns", *number), ("compute_to_qemu", ratio)]
        });
        let object: Map<String, Value> = numbers
            .into_iter()
            .chain(qemu)
            .map(|(name, number)| (name.to_owned(), number))
            .chain(self.scaled())
            .chain(self.seconds())
            .map(|(name, number)| (name, Value::from((number * 1e3).round() / 1e3)))
            .collect();
        format!("{}\n", Value::from(object))
    }

    /// Returns the cost of a fault at each size, with its name in JSON.
    fn scaled(&self) -> Vec<(String, f64)> {
        let frames = FRAMES.iter().zip(&self.scale.by_frames);
        let frames = frames.map(|((_, size), cost)| (format!("swap_fault_ns_{size}"), *cost));
        let spaces = SPACES.iter().zip(&self.scale.by_spaces);
        let spaces = spaces.map(|(size, cost)| (format!("space_fault_ns_{size}"), *cost));
        frames.chain(spaces).collect()
    }

    /// Returns the seconds of real programs, with their names in JSON.
    fn seconds(&self) -> Vec<(String, f64)> {
        let both = |times: &Times| {
            let name = times.task.name();
            let here = (format!("linux_{name}_s"), times.here);
            let qemu = times.qemu.map(|qemu| (format!("qemu_user_{name}_s"), qemu));
            [Some(here), qemu].into_iter().flatten()
        };
        self.real.times.iter().flat_map(both).collect()
    }

    /// Returns a line for each real program, and one about what is missing.
    fn real_rows(&self) -> String {
        let mut text = String::new();
        if !self.real.times.is_empty() {
            text += &format!("\n{:<40}  {:>9}\n", "", "s");
        }
        for Times { task, here, qemu } in &self.real.times {
            let note = qemu.map_or(String::new(), |qemu| {
                format!("  {:.2} of qemu-i386's {qemu:.3} s", here / qemu)
            });
            text += &format!("{:<40}  {here:>9.3}{note}\n", task.title());
        }
        if let Some(missing) = &self.real.missing {
            text += &format!("\nreal programs: {missing}\n");
        }
        text
    }

    /// Returns the line of the table that compares with QEMU, or says why there is none.
    fn qemu_row(&self) -> String {
        match self.medians.get(&Quantity::ComputeQemu) {
            Some(number) => format!(
                "{:<40}  {number:>9.1}  {:.2} of it here",
                format!("the same in {}", self.qemu),
                self.ratio(Quantity::Compute, Quantity::ComputeQemu)
            ),
            None => format!("{:<40}  {:>9}  {}", "the same in QEMU", "-", self.qemu),
        }
    }

    /// Returns a table with ratios.
    #[must_use]
    pub fn table(&self) -> String {
        let to_native = |quantity| {
            format!(
                "{:.2} of a native fault",
                self.ratio(quantity, Quantity::NativeFault)
            )
        };
        let speed = format!(
            "{:.0} M instructions/s; {:.1} times as fast as the bare Unicorn",
            self.instructions_per_second() / 1e6,
            self.ratio(Quantity::BareLoop, Quantity::Loop)
        );
        let rows = [
            (
                "demand-zero page fault",
                Quantity::DemandZeroFault,
                to_native(Quantity::DemandZeroFault),
            ),
            (
                "page fault, one page to swap, one back",
                Quantity::SwapFault,
                to_native(Quantity::SwapFault),
            ),
            (
                "native anonymous page fault",
                Quantity::NativeFault,
                String::new(),
            ),
            ("null system call", Quantity::NullSyscall, String::new()),
            (
                "process: exec, run, exit, wait",
                Quantity::Process,
                String::new(),
            ),
            ("load/store loop, an iteration", Quantity::Loop, speed),
            (
                "the same in a bare Unicorn, flat memory",
                Quantity::BareLoop,
                String::new(),
            ),
            (
                "compute: a byte of page-shuffle",
                Quantity::Compute,
                format!(
                    "{} instructions; {:.0} M instructions/s",
                    compute::INSTRUCTIONS,
                    f64::from(compute::INSTRUCTIONS) * 1e3 / self.of_one(Quantity::Compute)
                ),
            ),
        ];
        let mut text = format!("{:<40}  {:>9}\n", "", "ns");
        for (name, quantity, note) in rows {
            let row = format!("{name:<40}  {:>9.1}  {note}", self.of_one(quantity));
            writeln!(text, "{}", row.trim_end()).expect("a String takes all");
        }
        writeln!(text, "{}", self.qemu_row()).expect("a String takes all");
        let frames = FRAMES
            .iter()
            .map(|(count, _)| (*count, "frames", self.scale.by_frames[0]));
        let spaces = SPACES
            .iter()
            .map(|count| (*count, "spaces, VM alone", self.scale.by_spaces[0]));
        for ((count, what, least), (_, cost)) in frames.chain(spaces).zip(self.scaled()) {
            let name = format!("the same with {count} {what}");
            let ratio = cost / least;
            writeln!(text, "{name:<40}  {cost:>9.1}  {ratio:.2} of the fewest")
                .expect("a String takes all");
        }
        text + &self.real_rows()
    }
}

#[cfg(test)]
mod tests {
    use super::super::real::Task;
    use super::*;

    fn results(qemu: Option<f64>) -> Results {
        let numbers = [900.0, 2400.0, 300.0, 40000.0, 10.0, 2000.0, 60.0, 36.0];
        let quantities = [
            Quantity::DemandZeroFault,
            Quantity::SwapFault,
            Quantity::NullSyscall,
            Quantity::Process,
            Quantity::Loop,
            Quantity::NativeFault,
            Quantity::BareLoop,
            Quantity::Compute,
        ];
        let samples = quantities
            .into_iter()
            .zip(numbers)
            .chain(qemu.map(|number| (Quantity::ComputeQemu, number)))
            .map(|(quantity, number)| (quantity, vec![number]));
        let scale = Scale {
            by_frames: vec![100.0, 110.0, 120.0, 130.0],
            by_spaces: vec![50.0, 55.0, 60.0],
        };
        let name = qemu.map_or("there is none", |_| "qemu-system-i386");
        let real = Real {
            times: vec![Times {
                task: Task::Gzip,
                here: 0.75,
                qemu: qemu.map(|_| 1.5),
            }],
            missing: qemu.is_none().then(|| "there is no qemu-i386".to_owned()),
        };
        Results::of(samples.collect(), name.to_owned(), scale, real)
    }

    #[test]
    fn json_is_one_flat_object_on_one_line() {
        let json = results(Some(90.0)).json();
        assert_eq!(json.lines().count(), 1);
        let object: Map<String, Value> = serde_json::from_str(&json).unwrap();
        assert!(object.values().all(Value::is_number));
        assert_eq!(object["demand_zero_to_native"], 0.45);
        assert_eq!(object["bare_loop_to_loop"], 6.0);
        assert_eq!(object["swap_fault_ns_500k"], 130.0);
        assert_eq!(object["space_fault_ns_1000"], 60.0);
        assert_eq!(object["compute_ns"], 36.0);
        assert_eq!(object["compute_qemu_ns"], 90.0);
        assert_eq!(object["compute_to_qemu"], 0.4);
        assert_eq!(object["linux_gzip_s"], 0.75);
        assert_eq!(object["qemu_user_gzip_s"], 1.5);
    }

    #[test]
    fn without_a_qemu_json_has_no_number_of_it_and_the_table_says_why() {
        let results = results(None);
        assert!(!results.json().contains("compute_qemu_ns"));
        assert!(!results.json().contains("qemu_user_gzip_s"));
        assert!(
            results
                .table()
                .contains("real programs: there is no qemu-i386")
        );
        assert!(results.json().contains("compute_ns"));
        assert!(results.table().contains("there is none"));
    }

    #[test]
    fn the_table_has_a_line_for_each_quantity_and_ratios() {
        let table = results(Some(90.0)).table();
        let sizes = FRAMES.len() + SPACES.len();
        assert_eq!(table.lines().count(), 1 + Quantity::ALL.len() + sizes + 3);
        assert!(table.contains("0.50 of qemu-i386's 1.500 s"), "{table}");
        assert!(table.contains("1.30 of the fewest"), "{table}");
        assert!(table.contains("1.20 of a native fault"), "{table}");
        assert!(table.contains("6.0 times as fast"), "{table}");
        assert!(table.contains("1000 M instructions/s"), "{table}");
        assert!(table.contains("0.40 of it here"), "{table}");
        assert!(table.contains("the same in qemu-system-i386"), "{table}");
    }
}
