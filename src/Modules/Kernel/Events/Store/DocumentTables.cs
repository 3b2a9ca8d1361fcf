namespace Notify.Kernel.Events.Store;

/// <summary>Marten's document tables: the read models of resources.</summary>
public static class DocumentTables
{
    /// <summary>The table's name without its schema; columns <c>id</c> and <c>data</c>.</summary>
    /// <param name="alias">The alias given to Marten (<c>DocumentAlias</c>).</param>
    public static string Of(string alias) => $"mt_doc_{alias}";
}
