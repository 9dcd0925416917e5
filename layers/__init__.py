"""What the district records: declarations, tables, rules, all SQL. The rooms, from the ground up:

- `declaring` the words in which layers are declared; `thematic` the declared layers themselves,
  `themes` and `registry` what is made of them; `vocabulary` the data that the rules read
- `calendar` working days and deadlines; `schema` the tables; `migrations` how they came about
- `held` what the database itself holds, put together by `guards`; `freshness` what has changed
- `reading` what is stored, now and in the past; `serving` tiles and sums; `leaving` files out
- `ground` layers without gap and overlap; `keeping` what every write keeps to;
  `changing` single edits; `arriving` files in
- `duties`, `here` who answers for what, and for a spot
- `cases`, `structures`, `notices`, `reporting` the ledger, its law, what it tells and sums
- `submissions`, `alike`, `photos`, `patrols` what comes from phones
- `admission` who comes in

No two rooms import each other; import-linter holds that."""
