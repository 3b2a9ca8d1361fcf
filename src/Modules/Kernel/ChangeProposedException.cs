using System.Text.Json.Nodes;

namespace Notify.Kernel;

/// <summary>The change was not made: it was proposed, and another person must approve it.</summary>
/// <param name="proposal">As <c>GET /proposals/{id}</c> shows it.</param>
public sealed class ChangeProposedException(string id, JsonObject proposal) : Exception($"The change is proposed as {id}.")
{
    public string Id => id;
    public JsonObject Proposal => proposal;
}
