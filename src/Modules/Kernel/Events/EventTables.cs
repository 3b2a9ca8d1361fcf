using Marten;
using Weasel.Core.Migrations;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Events;

/// <summary>Marten's tables of events and streams, as the way of an alarm needs them (docs/decisions/0015).</summary>
public static class EventTables
{
    /// <summary>
    /// Called when everything else is configured: what Marten makes of its tables is kept from here on. An existing schema is brought to it by the next
    /// migration, without rewriting a row.
    /// </summary>
    public static void UseLeanEventTables(this StoreOptions options, EventCatalog catalog)
    {
        var tables = ((IFeatureSchema)options.Events).Objects.OfType<Table>().ToDictionary(x => x.Identifier.Name, StringComparer.Ordinal);
        // Each event would look up and lock its stream's row, which is written in the same statement: a third of what an event costs. That no event is
        // without its stream is shown by the proofs, which also find what a foreign key lets through.
        tables["mt_events"].ForeignKeys.Clear();
        // A report told twice is recorded once. All other ids are random, and nothing is found by them.
        foreach (var type in catalog.Modules.SelectMany(x => x.Types).Where(x => x.HasDerivedId))
        {
            tables["mt_events"].Indexes.Add(new IndexDefinition($"mt_events_{type.Name.Split('.')[1]}")
            {
                Columns = ["id"],
                IsUnique = true,
                Predicate = $"((type)::text = '{type.Name}'::text)", // in PostgreSQL's own words, which the next start compares
            });
        }

        // What permits or forbids destroying is read from its events. There are few of them; to all others these indexes cost a comparison.
        foreach (var type in catalog.Modules.SelectMany(x => x.Types).Where(x => x.IsLookedFor))
        {
            tables["mt_events"].Indexes.Add(new IndexDefinition($"mt_events_{type.Name.Split('.')[1]}")
            {
                Columns = ["seq_id"],
                Predicate = $"((type)::text = '{type.Name}'::text)",
            });
        }

        // A notification's stream is updated twice within moments: with room on its page that touches no index.
        tables["mt_streams"].FillFactor = 80;
    }
}
