using Marten;
using Notify.Kernel.Events.Store;

namespace Notify.Kernel.Events;

public static class EventSchema
{
    /// <summary>
    /// Adds the indexes that the modules' events need to Marten's event tables, and removes what costs more than it is worth. Call it after
    /// everything else is configured.
    /// </summary>
    public static void UseLeanEventTables(this StoreOptions options, EventCatalog catalog)
    {
        var types = catalog.Modules.SelectMany(x => x.Types).ToList();
        EventTables.MakeLean(options, types.Where(x => x.HasDerivedId).Select(x => x.Name), types.Where(x => x.IsLookedFor).Select(x => x.Name));
    }
}
