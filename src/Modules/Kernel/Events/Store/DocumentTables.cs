namespace Notify.Kernel.Events.Store;

/// <summary>Marten's tables of documents: the read models of resources.</summary>
public static class DocumentTables
{
    /// <summary>Without its schema; columns <c>id</c> and <c>data</c>.</summary>
    /// <param name="alias">As it is given to Marten (<c>DocumentAlias</c>).</param>
    public static string Of(string alias) => $"mt_doc_{alias}";
}
