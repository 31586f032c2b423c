/** Row-level security, forced on the owner too, and the rights of the application's role, for new tables of tenants. */
export function protect(tables: readonly string[]): string {
  return [
    ...tables.map((table) => policy(table, 'organization_id')),
    'grant usage on all sequences in schema public to assay_app;',
  ].join('\n')
}

/** The fence of one table: its rows are those whose column holds the organization of the transaction. */
export function policy(table: string, column: string): string {
  const own = `(${column} = (select assay_organization_id()))`
  return `
    alter table "${table}" enable row level security;
    alter table "${table}" force row level security;
    create policy organization on "${table}" to assay_app using ${own} with check ${own};
    grant select, insert, update, delete on "${table}" to assay_app;`
}

/** A fenced table whose rows stay as they were written: the application may add to it and read it, and nobody may change it. */
export function appendOnly(table: string): string {
  const own = '(organization_id = (select assay_organization_id()))'
  return `
    alter table "${table}" enable row level security;
    alter table "${table}" force row level security;
    create policy organization on "${table}" to assay_app using ${own} with check ${own};
    grant select, insert on "${table}" to assay_app;
    grant usage on all sequences in schema public to assay_app;
    create function refuse_change_of_${table}() returns trigger language plpgsql
      as $$ begin raise exception 'rows of ${table} are never changed or removed' using errcode = '42501'; end $$;
    create trigger append_only before update or delete or truncate on "${table}"
      for each statement execute function refuse_change_of_${table}();`
}
