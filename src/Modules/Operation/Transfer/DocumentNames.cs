using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Operation.Transfer;

/// <summary>The resources that will exist when a document is applied, by kind and name.</summary>
internal sealed class DocumentNames
{
    private readonly Dictionary<(string Noun, string Key), (string Id, bool IsFaulty)> byName = [];

    public void Add(string noun, string name, string id, bool isFaulty = false) => byName[(noun, Names.KeyOf(name))] = (id, isFaulty);

    /// <summary>Null: there will be no such resource. Faulty: the document contains it with faults, so it is useless to check it more
    /// closely.</summary>
    public (string Id, bool IsFaulty)? Find(string noun, string name) =>
        byName.TryGetValue((noun, Names.KeyOf(name)), out var found) ? found : null;
}
