//! The engine without us, at its best: prepared slots, memory kept resident, typed functions.
#![allow(unsafe_code, reason = "precompiled code")]

use wasmtime::{Engine, Func, Instance, InstanceAllocationStrategy, InstancePre, Linker, Module, PoolingAllocationConfig, Ref, Store};

const CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sandbox/bench/lib.cwasm"));

/// The guest of the benchmarks, loaded.
pub struct Guest {
    /// Its engine.
    pub engine: Engine,
    /// What instances are made from.
    pub pre: InstancePre<()>,
}

impl Guest {
    /// Loads it, with so many slots, and so many bytes of each kept resident.
    ///
    /// # Panics
    ///
    /// If the build has made no such module.
    #[must_use]
    pub fn load(slots: u32, kept: usize) -> Self {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(slots).total_tables(slots).total_gc_heaps(slots).total_memories(2 * slots);
        pool.table_elements(1 << 16).linear_memory_keep_resident(kept).table_keep_resident(1 << 16);
        // As by default: a scan that is faster leaves pages of one guest to the next
        // (docs/advisories/2026-001.md).
        pool.pagemap_scan(wasmtime::Enabled::No);
        let mut config = sandbox_engine::config(sandbox_engine::Metering::DEFAULT, sandbox_engine::StaticData::Copied);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config).expect("the configuration is the one that the code was made with");
        // SAFETY: the bytes are what this package's build script has just precompiled.
        let module = unsafe { Module::deserialize(&engine, CODE) }.expect("the code was made for this engine");
        let linker = Linker::new(&engine);
        let pre = linker.instantiate_pre(&module).expect("the guest imports nothing");
        Self { engine, pre }
    }

    /// Makes an instance and runs its constructors.
    ///
    /// # Panics
    ///
    /// If there is no slot left.
    #[must_use]
    pub fn instantiate(&self) -> (Store<()>, Instance) {
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(1 << 60);
        let instance = self.pre.instantiate(&mut store).expect("there is a slot");
        let initialize = instance.get_typed_func::<(), ()>(&mut store, "_initialize").expect("it is a reactor");
        initialize.call(&mut store, ()).expect("constructors do not trap");
        (store, instance)
    }
}

/// Puts a function into the guest's table, and returns the pointer to it.
///
/// # Panics
///
/// If the guest has no table that can grow.
pub fn register(store: &mut Store<()>, instance: &Instance, function: Func) -> i32 {
    let table = instance.get_table(&mut *store, "__indirect_function_table").expect("it exports its table");
    let index = table.grow(&mut *store, 1, Ref::Func(Some(function))).expect("the table can grow");
    i32::try_from(index).expect("a small table")
}
