//! Every kind of type that a C header can declare: the bindings agree with the C compiler about each leaf.

use sandbox::{Sandbox, Tainted, TaintedFn, TaintedPtr};

use crate::record::{Kind, Leaf, Record, Trial, field, record, simple};

sandbox::include_library!(types);

type Sb = Sandbox<types::Library>;

fn fresh() -> Sb {
    Sandbox::new().unwrap()
}

fn value<T>(tainted: Tainted<T, types::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

simple! { types::numbers [numbers_layout numbers_fill numbers_check]
    Whole c, Whole sc, Whole uc, Whole s, Whole us, Whole i, Whole u, Whole l, Whole ul, Whole ll, Whole ull, Whole size, Whole ssize,
    Whole difference, Whole iptr, Whole uptr, Whole wide, Bool flag, Float single, Double precise
}

simple! { types::fixed [fixed_layout fixed_fill fixed_check]
    Whole i8, Whole u64, Whole u8, Whole i16, Bool flag, Whole u16, Whole i32, Whole i64, Whole u32
}

record! { types::enums [enums_layout enums_fill enums_check] |v, p|
    Whole: p.color(), v.color;
    Whole: p.level(), v.level;
    Whole: p.tiny(), v.tiny;
    Whole: p.big(), v.big;
    Whole: p.flags(), v.flags;
    Whole: p.deep(), v.deep;
    Whole: p.narrow(), v.narrow;
    Whole: p.unnamed(), v.unnamed;
    Whole: p.several().index(0)?, v.several[0];
    Whole: p.several().index(1)?, v.several[1];
}

simple! { types::point [point_layout point_fill point_check] Whole x, Whole y }

record! { types::nested [nested_layout nested_fill nested_check] |v, p|
    Whole: p.tag(), v.tag;
    Whole: p.at().x(), v.at.x;
    Whole: p.fields().at().y(), v.at.y;
    Whole: p.inner().a(), v.inner.a;
    Double: p.inner().deeper().b(), v.inner.deeper.b;
    Whole: p.path().index(0)?.x(), v.path[0].x;
    Whole: p.path().index(0)?.y(), v.path[0].y;
    Whole: p.path().index(1)?.x(), v.path[1].x;
    Whole: p.path().first().add(1).y(), v.path[1].y;
    Whole: p.end(), v.end;
}

record! { types::arrays [arrays_layout arrays_fill arrays_check] |v, p|
    Whole: p.line().index(0)?, v.line[0];
    Whole: p.line().index(1)?, v.line[1];
    Whole: p.line().index(2)?, v.line[2];
    Whole: p.grid().index(0)?.index(0)?, v.grid[0][0];
    Whole: p.grid().index(0)?.index(1)?, v.grid[0][1];
    Whole: p.grid().index(0)?.index(2)?, v.grid[0][2];
    Whole: p.grid().index(1)?.index(0)?, v.grid[1][0];
    Whole: p.grid().index(1)?.index(1)?, v.grid[1][1];
    Whole: p.grid().index(1)?.index(2)?, v.grid[1][2];
    Bool: p.cube().index(0)?.index(0)?.index(0)?, v.cube[0][0][0];
    Bool: p.cube().index(0)?.index(0)?.index(1)?, v.cube[0][0][1];
    Bool: p.cube().index(1)?.index(0)?.index(0)?, v.cube[1][0][0];
    Bool: p.cube().index(1)?.index(0)?.index(1)?, v.cube[1][0][1];
    Whole: p.vectors().index(0)?, v.vectors[0];
    Whole: p.vectors().index(1)?, v.vectors[1];
    Whole: p.mixed().index(0)?.index(0)?.c(), v.mixed[0][0].c;
    Whole: p.mixed().index(0)?.index(0)?.l(), v.mixed[0][0].l;
    Whole: p.mixed().index(0)?.index(1)?.c(), v.mixed[0][1].c;
    Whole: p.mixed().index(0)?.index(1)?.l(), v.mixed[0][1].l;
}

record! { types::packed [packed_layout packed_fill packed_check] |v, p|
    Whole: p.a(), v.a;
    Whole: p.b(), v.b;
    Double: p.c(), v.c;
    Whole: p.d(), v.d;
    Whole: p.e().x(), v.e.x;
    Whole: p.e().y(), v.e.y;
    Whole: p.f(), v.f;
}

simple! { types::pair_packed [pair_packed_layout pair_packed_fill pair_packed_check] Whole a, Whole b, Whole c, Double d }

simple! { types::member_packed [member_packed_layout member_packed_fill member_packed_check] Whole a, Whole b, Whole c }

simple! { types::aligned [aligned_layout aligned_fill aligned_check] Whole a, Whole b }

record! { types::member_aligned [member_aligned_layout member_aligned_fill member_aligned_check] |v, p|
    Whole: p.a(), v.a;
    Whole: p.b(), v.b;
    Whole: p.c(), v.c;
    Whole: p.d(), v.d;
    Whole: p.e().a(), v.e.a;
    Whole: p.e().b(), v.e.b;
    Whole: p.f(), v.f;
}

record! { types::anonymous [anonymous_layout anonymous_fill anonymous_check] |v, p|
    Whole: p.before(), v.before;
    Whole: p.x(), v.x;
    Whole[3 0]: p.i(), x, x = v.anonymous_1 => i set_i;
    Float[3 1]: p.anonymous_1().f(), x, x = v.anonymous_1 => f set_f;
    Whole[3 2]: p.low(), x, x = v.anonymous_1 => low set_low;
    Whole[3 2]: p.high(), x, x = v.anonymous_1 => high set_high;
    Whole[6 2]: p.c(), x, x = v.anonymous_1 => c set_c;
    Unsigned(5)[6 5]: p.bits(), x, x = v.anonymous_1 => bits set_bits;
    Whole[2 0]: p.bytes().index(0)?, x[0], x = v.anonymous_2 => bytes set_bytes;
    Whole[2 0]: p.bytes().index(1)?, x[1], x = v.anonymous_2 => bytes set_bytes;
    Whole[2 1]: p.anonymous_2().word(), x, x = v.anonymous_2 => word set_word;
    Whole: p.after(), v.after;
}

record! { types::flexible [flexible_layout flexible_fill flexible_check] |v, p|
    Whole: p.count(), v.count;
    Whole: p.kind(), v.kind;
    Whole: p.data();
    Whole: p.data().add(1);
    Whole: p.data().add(2);
}

record! { types::zero_array [zero_array_layout zero_array_fill zero_array_check] |v, p|
    Whole: p.count(), v.count;
    Whole: p.points().x();
    Whole: p.points().y();
    Whole: p.points().add(1).x();
    Whole: p.points().add(1).y();
}

record! { types::scalar [scalar_layout scalar_fill scalar_check] |v, p|
    Whole[10 0]: p.c(), x, x = v => c set_c;
    Whole[10 1]: p.i(), x, x = v => i set_i;
    Float[10 2]: p.f(), x, x = v => f set_f;
    Double[10 3]: p.d(), x, x = v => d set_d;
    Bool[10 4]: p.flag(), x, x = v => flag set_flag;
    Whole[10 5]: p.color(), x, x = v => color set_color;
    Whole[10 6]: p.pointer(), x, x = v => pointer set_pointer;
    Whole[10 7]: p.function(), x, x = v => function set_function;
    Whole[10 8]: p.numbers().index(0)?, x[0], x = v => numbers set_numbers;
    Whole[10 8]: p.numbers().index(1)?, x[1], x = v => numbers set_numbers;
    Whole[10 9]: p.at().x(), x.x, x = v => at set_at;
    Whole[10 9]: p.at().y(), x.y, x = v => at set_at;
}

record! { types::holder [holder_layout holder_fill holder_check] |v, p|
    Whole: p.kind(), v.kind;
    Whole[4 0]: p.value().i(), x, x = v.value => i set_i;
    Whole[2 1]: p.value().s().tag(), s.tag, s = v.value => s set_s;
    Whole[4 1]: p.value().s().deep().wide(), x, s = v.value => s set_s, x = s.deep => wide set_wide;
    Whole[8 3]: p.value().s().deep().at().x(), x.x, s = v.value => s set_s, x = s.deep => at set_at;
    Whole[8 3]: p.value().s().deep().at().y(), x.y, s = v.value => s set_s, x = s.deep => at set_at;
    Float[8 7]: p.value().s().deep().scalars().index(0)?.f(), y,
        s = v.value => s set_s, x = s.deep => scalars set_scalars, y = x[0] => f set_f;
    Whole[8 7]: p.value().s().deep().scalars().index(1)?.pointer(), y,
        s = v.value => s set_s, x = s.deep => scalars set_scalars, y = x[1] => pointer set_pointer;
    Double: p.last().d(), x, x = v.last => d set_d;
}

record! { types::odd [odd_layout odd_fill odd_check] |v, p|
    Whole[2 0]: p.bytes().index(0)?, x[0], x = v => bytes set_bytes;
    Whole[2 0]: p.bytes().index(1)?, x[1], x = v => bytes set_bytes;
    Whole[2 0]: p.bytes().index(2)?, x[2], x = v => bytes set_bytes;
    Whole[2 0]: p.bytes().index(3)?, x[3], x = v => bytes set_bytes;
    Whole[2 0]: p.bytes().index(4)?, x[4], x = v => bytes set_bytes;
    Whole[2 1]: p.s(), x, x = v => s set_s;
}

simple! { types::bits [bits_layout bits_fill bits_check]
    Unsigned(3) a, Signed(5) b, Bool c, Unsigned(2) d, Signed(3) e, Unsigned(40) f, Unsigned(1) g, Signed(28) h, Whole plain, Unsigned(7) i,
    Unsigned(9) j, Signed(64) k, Signed(1) l, Unsigned(8) m
}

record! { types::bits_mixed [bits_mixed_layout bits_mixed_fill bits_mixed_check] |v, p|
    Unsigned(20): p.a(), v.a;
    Unsigned(20): p.b(), v.b;
    Unsigned(5): p.c(), v.c;
    Unsigned(5): p.d(), v.d;
    Signed(2): p.e(), v.e;
    Whole: p.f(), v.f;
    Signed(33): p.g(), v.g;
    Signed(33): p.h(), v.h;
    Unsigned(41): p.i(), v.i;
    Signed(4): p.inner().index(0)?.x(), v.inner[0].x;
    Signed(4): p.inner().index(0)?.y(), v.inner[0].y;
    Signed(4): p.inner().index(1)?.x(), v.inner[1].x;
    Signed(4): p.inner().index(1)?.y(), v.inner[1].y;
}

simple! { types::bits_packed [bits_packed_layout bits_packed_fill bits_packed_check]
    Unsigned(3) a, Whole b, Unsigned(37) c, Unsigned(25) d, Signed(31) e, Bool f, Unsigned(64) g, Whole h
}

record! { types::bits_union [bits_union_layout bits_union_fill bits_union_check] |v, p|
    Unsigned(4)[5 0]: p.low(), x, x = v => low set_low;
    Whole[5 1]: p.all(), x, x = v => all set_all;
    Signed(6)[5 2]: p.sign(), x, x = v => sign set_sign;
    Unsigned(7)[5 3]: p.s().first(), x.first, x = v => s set_s;
    Unsigned(23)[5 3]: p.s().second(), x.second, x = v => s set_s;
    Unsigned(8)[5 4]: p.even(), x, x = v => even set_even;
    Unsigned(8)[5 4]: p.odd(), x, x = v => odd set_odd;
}

record! { types::pointers [pointers_layout pointers_fill pointers_check] |v, p|
    Whole: p.any(), v.any;
    Whole: p.text(), v.text;
    Whole: p.alone(), v.alone;
    Whole: p.device(), v.device;
    Whole: p.both(), v.both;
    Whole: p.twice(), v.twice;
    Whole: p.strings(), v.strings;
    Whole: p.rows(), v.rows;
    Whole: p.planes(), v.planes;
    Whole: p.opaque(), v.opaque;
    Whole: p.opaques(), v.opaques;
    Whole: p.self_(), v.self_;
    Whole: p.scalar(), v.scalar;
    Whole: p.plain(), v.plain;
    Whole: p.callback(), v.callback;
    Whole: p.variadic(), v.variadic;
    Whole: p.by_value(), v.by_value;
    Whole: p.array().index(0)?, v.array[0];
    Whole: p.array().index(1)?, v.array[1];
    Whole: p.returns(), v.returns;
    Whole: p.indirect(), v.indirect;
    Whole: p.color(), v.color;
    Whole: p.fixed(), v.fixed;
    Whole: p.changing(), v.changing;
    Whole: p.registers(), v.registers;
}

record! { types::tree [tree_layout tree_fill tree_check] |v, p|
    Whole: p.key(), v.key;
    Whole: p.children().index(0)?, v.children[0];
    Whole: p.children().index(1)?, v.children[1];
}

simple! { types::chicken [chicken_layout chicken_fill chicken_check] Whole eggs, Whole count }

record! { types::egg [egg_layout egg_fill egg_check] |v, p|
    Whole: p.mother(), v.mother;
    Whole: p.inside().eggs(), v.inside.eggs;
    Whole: p.inside().count(), v.inside.count;
    Whole: p.twin(), v.twin;
}

record! { types::typedefs [typedefs_layout typedefs_fill typedefs_check] |v, p|
    Whole: p.count(), v.count;
    Whole: p.table().index(0)?.index(0)?, v.table[0][0];
    Whole: p.table().index(0)?.index(1)?, v.table[0][1];
    Whole: p.table().index(1)?.index(0)?, v.table[1][0];
    Whole: p.table().index(1)?.index(1)?, v.table[1][1];
    Whole: p.compare(), v.compare;
    Whole: p.at().x(), v.at.x;
    Whole: p.at().y(), v.at.y;
    Whole: p.r#ref(), v.r#ref;
    Whole: p.color(), v.color;
    Whole[2 0]: p.choice().count(), x, x = v.choice => count set_count;
    Whole[2 1]: p.choice().color(), x, x = v.choice => color set_color;
    Unsigned(3): p.few(), v.few;
}

record! { types::names [names_layout names_fill names_check] |v, p|
    Whole: p.r#type(), v.r#type;
    Whole: p.self_(), v.self_;
    Unsigned(3): p.r#match(), v.r#match;
    Whole: p.fields().add(), v.add;
    Unsigned(5): p.index(), v.index;
    Whole[2 0]: p.r#fn(), x, x = v.anonymous_1 => r#fn set_fn;
    Whole[2 1]: p.fields().cast(), x, x = v.anonymous_1 => cast set_cast;
}

#[test]
fn every_leaf_of_every_type_is_where_c_has_it() {
    let records: &[fn(&mut Trial<types::Library>)] = &[
        numbers,
        fixed,
        enums,
        point,
        nested,
        arrays,
        packed,
        pair_packed,
        member_packed,
        aligned,
        member_aligned,
        anonymous,
        flexible,
        zero_array,
        scalar,
        holder,
        odd,
        bits,
        bits_mixed,
        bits_packed,
        bits_union,
        pointers,
        tree,
        chicken,
        egg,
        typedefs,
        names,
    ];
    Trial::run(types::record_area, records);
}

#[test]
fn constants_are_the_headers() {
    assert_eq!((types::SMALL, types::NEGATIVE, types::FLAGS), (7, -7, 19));
    assert_eq!(i64::from(types::LETTER), 65);
    assert_eq!(types::INT_LOWEST, i32::MIN);
    assert_eq!(types::UNSIGNED_HIGHEST, u32::MAX);
    assert_eq!(types::LONG_LONG, 0x1122_3344_5566_7788);
    assert_eq!(types::LONG_LONG_LOWEST, i64::MIN);
    assert_eq!(types::UNSIGNED_LONG_LONG, 0xffee_ddcc_bbaa_9988);
    assert_eq!((types::HALF, types::SINGLE, types::MINUS), (0.5, 0.1_f32, -1e300));
    assert_eq!(types::GREETING.to_str(), Ok("héllo, \"you\"\n"));
    assert_eq!(types::NOTHING, c"");
}

#[test]
fn enums_have_the_integers_that_c_chose() {
    assert_eq!([types::RED.0, types::GREEN.0, types::CRIMSON.0], [1_u32, 2, 1]);
    assert_eq!([types::LOW.0, types::MIDDLE.0, types::HIGH.0], [-2_i32, 0, 2]);
    assert_eq!([types::ONE.0, types::BIG.0, types::BIGGEST.0], [1_u64, 1 << 40, u64::MAX]);
    assert_eq!(types::DEEP.0, -(1_i64 << 40));
    assert_eq!([types::READ.0, types::WRITE.0, types::APPEND.0], [1_u32, 2, 1 << 31]);
    assert_eq!([types::TINY.0, types::MANY.0], [0_u8, 255]);
    assert_eq!([types::LEAST.0, types::MOST.0], [-129_i16, 128]);
}

#[test]
fn a_number_that_does_not_fit_a_bit_field_is_refused_and_nothing_is_written() {
    let sb = &mut fresh();
    let p = sb.alloc::<types::bits>(1).unwrap().leak();
    sb.fill(p.cast(), 0x5a, <types::bits as sandbox::GuestType<types::Library>>::SIZE).unwrap();
    let before = value(sb.copy_out(p.cast(), 32).unwrap());
    let refused = |error: sandbox::Error, bits: u32| {
        assert!(matches!(error, sandbox::Error::Memory(sandbox::MemoryError::Bits { width, .. }) if width == bits), "{error}");
    };
    refused(sb.write_bits(p.a(), 8).unwrap_err(), 3);
    refused(sb.write_bits(p.b(), 16).unwrap_err(), 5);
    refused(sb.write_bits(p.b(), -17).unwrap_err(), 5);
    refused(sb.write_bits(p.c(), sandbox::CBool::from_byte(2)).unwrap_err(), 1);
    refused(sb.write_bits(p.d(), types::color(4)).unwrap_err(), 2);
    refused(sb.write_bits(p.f(), 1 << 40).unwrap_err(), 40);
    let mut whole = types::bits::zeroed();
    whole.h = (1 << 27).into();
    refused(sb.write(p, whole).unwrap_err(), 28);
    assert_eq!(value(sb.copy_out(p.cast(), 32).unwrap()), before);
}

#[test]
fn a_member_of_a_union_leaves_the_bytes_behind_it() {
    let sb = &mut fresh();
    let mut union = types::scalar::zeroed();
    union.set_d(f64::from_bits(0x1122_3344_5566_7788)).unwrap();
    union.set_c(-1).unwrap();
    assert_eq!(value(union.d()).to_bits(), 0x1122_3344_5566_77ff);
    let p = sb.alloc::<types::scalar>(1).unwrap().leak();
    sb.write(p, union).unwrap();
    sb.write(p.numbers().index(1).unwrap(), 0).unwrap();
    assert_eq!(value(sb.read(p.d()).unwrap()).to_bits(), 0x1122_3344_0000_77ff);
}

#[test]
fn pointers_of_the_guest_lead_through_its_structures() {
    let sb = &mut fresh();
    let tree = types::make_tree(sb).unwrap();
    let [left, right] = sb.read(tree.children()).unwrap();
    assert_eq!([tree, left, right].map(|node| value(sb.read(node.key()).unwrap())), [2, 1, 3]);
    assert!(sb.read(left).unwrap().children[0].is_null());

    let chicken = types::make_chicken(sb).unwrap();
    let eggs = sb.read(chicken).unwrap().eggs;
    let twin = sb.read(eggs.twin()).unwrap();
    assert_eq!(value(twin.address()), value(eggs.add(1).address()));
    assert_eq!(value(sb.read(twin).unwrap().inside.count), 8);
    assert_eq!(value(sb.read(twin.mother()).unwrap().address()), value(chicken.address()));
}

#[test]
fn pointers_to_arrays_and_to_pointers_step_as_in_c() {
    let sb = &mut fresh();
    let p = types::make_pointers(sb).unwrap();
    let all = sb.read(p).unwrap();
    assert_eq!(sb.read(all.rows.add(1)).unwrap().map(value), [10, 11, 12, 13]);
    assert_eq!(value(sb.read(all.planes.add(1).index(1).unwrap().index(3).unwrap()).unwrap()), 113);
    let number = sb.read(all.twice).unwrap();
    assert_eq!(value(sb.read(number).unwrap()), 102);
    let one = sb.read(all.strings.add(1)).unwrap();
    assert_eq!(value(sb.read_c_str(one, 10).unwrap()).as_c_str(), c"one");
    assert_eq!(value(sb.read(all.self_.text()).unwrap().address()), value(all.text.address()));
}

#[test]
fn globals_are_read_and_written_where_c_has_them() {
    let sb = &mut fresh();
    let counter = sb.global(types::counter).unwrap();
    assert_eq!(value(sb.read(counter).unwrap()), 40);
    let ratio = sb.global(types::ratio).unwrap();
    assert_eq!(value(sb.read(ratio).unwrap()), -0.25);
    let vector = sb.global(types::vector).unwrap();
    assert_eq!(sb.read(vector).unwrap().map(value), [1, 2, 3]);
    let origin = sb.global(types::origin).unwrap();
    assert_eq!(value(sb.read(origin).unwrap().x), -1);
    let current = sb.global(types::current).unwrap();
    let pointed = sb.read(current).unwrap();
    assert_eq!(value(pointed.address()), value(counter.address()));
    let anything = sb.global(types::anything).unwrap();
    assert_eq!(value(sb.read(anything).unwrap().d()), 1.5);
    let loudness = sb.global(types::loudness).unwrap();
    assert_eq!(value(sb.read(loudness).unwrap()), types::LOW);
    let ready = sb.global(types::ready).unwrap();
    assert_eq!(value(sb.read(ready).unwrap()).get(), Some(false));
    let greeting = sb.global(types::greeting).unwrap();
    let text = sb.read(greeting).unwrap();
    assert_eq!(value(sb.read_c_str(text, 100).unwrap()).as_c_str(), types::GREETING);
    // Of an array of unknown length there is the first element.
    let table: TaintedPtr<i32, _> = sb.global(types::table).unwrap();
    assert_eq!(sb.read_slice(table, 4).unwrap().into_iter().map(value).collect::<Vec<_>>(), [10, 20, 30, 40]);
    assert_eq!(value(types::globals_of_table(sb, 3).unwrap().address()), value(table.add(3).address()));

    // The same as `globals_step`, by the host.
    assert_eq!(value(types::globals_check(sb).unwrap()), 0);
    sb.write(counter, 41).unwrap();
    sb.write(vector.index(1).unwrap(), 0xfffe).unwrap();
    sb.write(origin.y(), 7).unwrap();
    sb.write(current, table.add(2)).unwrap();
    let point = sb.read(origin).unwrap();
    sb.write(anything.at(), point).unwrap();
    sb.write(loudness, types::HIGH).unwrap();
    sb.write(ready, sandbox::CBool::from(true)).unwrap();
    sb.write(table.add(3), -40).unwrap();
    assert_eq!(value(types::globals_check(sb).unwrap()), 1);

    // And by C, in a fresh guest.
    sb.reset().unwrap();
    types::globals_step(sb).unwrap();
    let counter = sb.global(types::counter).unwrap();
    assert_eq!(value(sb.read(counter).unwrap()), 41);
    let origin = sb.global(types::origin).unwrap();
    assert_eq!(value(sb.read(origin).unwrap().y), 7);
    let current = sb.global(types::current).unwrap();
    let pointed = sb.read(current).unwrap();
    assert_eq!(value(sb.read(pointed).unwrap()), 30);
}

#[test]
fn a_global_function_pointer_is_copied_and_called_by_c() {
    let sb = &mut fresh();
    assert_eq!(value(types::globals_handle(sb, 5).unwrap()), 10);
    let handler = sb.global(types::handler).unwrap();
    let twice: TaintedFn<_, _> = sb.read(handler).unwrap();
    types::globals_step(sb).unwrap();
    assert_eq!(value(types::globals_handle(sb, 5).unwrap()), 15);
    sb.write(handler, twice).unwrap();
    assert_eq!(value(types::globals_handle(sb, 5).unwrap()), 10);
}

#[test]
fn a_pointer_from_before_a_reset_is_refused_in_a_global_too() {
    let sb = &mut fresh();
    let stale = sb.global(types::counter).unwrap();
    sb.reset().unwrap();
    assert!(matches!(sb.read(stale), Err(sandbox::Error::WrongSandbox { .. })));
    let current = sb.global(types::current).unwrap();
    assert!(matches!(sb.write(current, stale), Err(sandbox::Error::WrongSandbox { .. })));
}

#[test]
fn an_undefined_struct_is_a_pointer_to_pass_around() {
    let sb = &mut fresh();
    let hidden = types::hidden_open(sb, 5).unwrap();
    let p = types::make_pointers(sb).unwrap();
    sb.write(p.opaque(), hidden).unwrap();
    let again = sb.read(p.opaque()).unwrap();
    assert_eq!(value(types::hidden_value(sb, again).unwrap()), 5);
}
